"""Measures the choosing of hosts, and compares it with Nova's own filters and weighers.

    python -m tools.bench.scheduler
    python3 -m venv X && X/bin/pip install nova
    python -m tools.bench.scheduler --nova X/bin/python > found.jsonl
    python -m tools.bench.scheduler --show found.jsonl --picture scheduler.svg

Parts, one JSON document a line. `agreement` (needs --nova): random small fleets and requests to
both; the sets of equally best hosts must be the same, and where they are not, Nova is changed by
what minicloud decides otherwise on purpose until it agrees: `kinds` counts these, `unexplained`
are bugs and are printed whole. The same seed makes the same fleets. `cost`: processor time of a
decision for fleets of each size (--hosts, --nova-most for Nova), ordinary and hostile (no two
hosts alike), for the usual stream of requests and for the worst ones that were thought of;
`growth` is the exponent of cost over hosts, `ratio` how many times ours goes into Nova's.
`service`: the whole scheduler over a database, with claims. Progress goes to stderr.

What placement does in Nova (zone, memory, processors, disk) is a plain rule beside it, outside of
what is measured; nothing else of Nova is replaced. Ours does it inside.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tools.bench import agreement, costs, figures, fleets, selecting
from tools.bench.cloud import say
from tools.bench.nova_pipe import Nova

PARTS = ("agreement", "cost", "service")
_SIZES = (1000, 10_000, 100_000, 1_000_000)


@contextmanager
def side_of(python: str | None) -> Iterator[Nova | None]:
    """Nova's side; None: without it."""
    if python is None:
        yield None
        return
    side = Nova(python)
    try:
        yield side
    finally:
        side.close()


def show(found: Iterator[dict[str, Any]]) -> None:
    for one in found:
        print(orjson.dumps(one, option=orjson.OPT_NON_STR_KEYS).decode(), flush=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--part", choices=PARTS, action="append", help="default: all")
    made.add_argument("--nova", metavar="PYTHON", help="of an environment with the package nova")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--pairs", type=int, default=10_000, help="of agreement")
    made.add_argument(
        "--hosts", type=int, action="append", help=f"of cost; default: {_SIZES}; may be repeated"
    )
    made.add_argument("--nova-most", type=int, default=10_000, help="hosts that Nova is given")
    made.add_argument("--fleet", choices=costs.FLEETS, action="append", help="default: all")
    made.add_argument("--hostile-most", type=int, default=100_000, help="hosts, all different")
    made.add_argument(
        "--worst", choices=fleets.WORST, action="append", help="of the worst; default: all"
    )
    made.add_argument("--rounds", type=int, default=5, help="of usual requests; the median counts")
    made.add_argument("--service-most", type=int, default=10_000, help="hosts in a database")
    made.add_argument("--show", metavar="FILE", help="tables of what an earlier run has printed")
    made.add_argument("--picture", metavar="SVG", help="with --show: draw the costs")
    return made


def draw(printed: Path, picture: str | None) -> int:
    rows = figures.read(printed)
    print("\n".join(figures.tables(rows)))
    if picture:
        Path(picture).write_text(figures.picture(rows))
    return 0


def cases(options: argparse.Namespace) -> list[costs.Case]:
    return [
        costs.Case(fleet, hosts, options.seed, options.rounds)
        for fleet in options.fleet or costs.FLEETS
        for hosts in sorted(options.hosts or _SIZES)
        if fleet == "ordinary" or hosts <= options.hostile_most
    ]


def main() -> int:
    options = parser().parse_args()
    if options.show:
        return draw(Path(options.show), options.picture)
    parts = options.part or PARTS
    with side_of(options.nova) as nova:
        if "agreement" in parts:
            if nova is None:
                say("agreement: left out, as there is no --nova")
            else:
                show(agreement.compare(nova, options.pairs, options.seed))
        if "cost" in parts:
            worst = options.worst or list(fleets.WORST)
            show(costs.costs(nova, cases(options), options.nova_most, worst))
        if "service" in parts:
            sizes = [n for n in sorted(options.hosts or _SIZES) if n <= options.service_most]
            show(selecting.costs(sizes, options.rounds, options.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
