"""Measures the drivers of the service group: what members cost, and who notices what.

    python -m tools.bench.servicegroup > found.jsonl
    python -m tools.bench.servicegroup --driver redis --part kills --kills 50
    python -m tools.bench.servicegroup --show found.jsonl --picture doc/servicegroup.svg

It starts the servers that it needs (see bindep.txt) and stops them. Parts, one JSON document a
line. `load`: members that do nothing but live, `--members` of them, one or a hundred to an agent:
writes a second to the store and to the database by their own counts, processor time of the
store, of the members' process, and of one that asks who lives (it looks every half second, as the
programs do). `kills`: real processes killed -9, at random moments; seconds until the program that
asks sees them gone. `pauses`: a whole `minicloud up --processes`, each of its services stopped for
half a minute in turn and the store restarted; who was called down and did live.

With `db` the members have no store: they report to a conductor, which is part of the measured
process (`load`) or of the asking one (`kills`); the message bus between them is left out there.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tools.bench.membership import figures, kills, load, pauses, stores

PARTS = ("load", "kills", "pauses")
_MEMBERS = (10, 100, 1000, 10_000)
_ALONE = 100  # members up to which each has an agent of its own; beyond they share


def results(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    parts = options.part or PARTS
    for driver in options.driver or stores.DRIVERS:
        if {"load", "kills"} & set(parts):
            yield from _with_store(driver, parts, options)
        if "pauses" in parts:
            yield from pauses.measured(driver, options.pause_s)


def _with_store(driver: str, parts: Any, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with stores.started(driver) as store:
        if "kills" in parts:
            yield kills.measured(store, options.kills, options.at_once, options.kill_ttl_s)
    for members in (options.members or _MEMBERS) if "load" in parts else ():
        each = 1 if members <= options.alone else 100
        with stores.started(driver) as store:  # nobody is left of the last round
            yield load.measured(store, members, each, options.seconds, options.ttl_s)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--part", choices=PARTS, action="append", help="default: all")
    made.add_argument("--driver", choices=stores.DRIVERS, action="append", help="default: all")
    made.add_argument("--members", type=int, action="append", help=f"default: {_MEMBERS}")
    made.add_argument(
        "--alone", type=int, default=_ALONE, help="members that have agents of their own, at most"
    )
    made.add_argument("--seconds", type=float, default=20.0, help="of load")
    made.add_argument("--ttl-s", type=float, default=20.0, help="of load; reports: a quarter")
    made.add_argument("--kills", type=int, default=200)
    made.add_argument("--at-once", type=int, default=20, help="members that live at a time")
    made.add_argument("--kill-ttl-s", type=float, default=4.0, help="of kills")
    made.add_argument("--pause-s", type=float, default=30.0)
    made.add_argument("--show", metavar="FILE", help="tables of what an earlier run has printed")
    made.add_argument("--picture", metavar="SVG", help="with --show: draw the load")
    return made


def main() -> int:
    options = parser().parse_args()
    if options.show:
        rows = figures.read(Path(options.show))
        print("\n".join(figures.tables(rows)))
        if options.picture:
            Path(options.picture).write_text(figures.picture(rows))
        return 0
    for one in results(options):
        print(orjson.dumps(one).decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
