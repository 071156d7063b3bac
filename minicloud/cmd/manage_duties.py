"""minicloud-manage duties: which conductor does what must be done once."""

import argparse
import json
from datetime import datetime
from typing import Any, Final

from oslo_config import cfg

from minicloud.cmd import parts
from minicloud.cmd.manage_group import Commands
from minicloud.conductor.duties import WHAT
from minicloud.db import duties
from minicloud.db.models import Duty
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock

_ABOUT: Final = """\
A duty is work that one conductor does for all of them; different duties may be with different
conductors. Each new holder gets a higher token, and what an older one would still write is refused
by it. A duty is elected by the store of the service group, or by the database where there is none
or it is silent; "nobody" where the last holder gave it up or did not renew it in time.
"""
_EXAMPLES: Final = """\
examples:
  minicloud-manage duties
  minicloud-manage duties --json | jq -r '.duties[] | select(.holder == null) | .name'
"""


def show(conf: cfg.ConfigOpts) -> None:
    books = parts.database(conf, SystemClock(), steps.nothing)
    now = books.now()
    rows = {row.name: row for row in books.read(duties.all_of)}
    shown = [_view(name, rows.get(name), now) for name in sorted({*WHAT, *rows})]
    if conf.command.json:
        print(json.dumps({"duties": shown}, indent=2))
    else:
        _print(shown, now)


def _view(name: str, row: Duty | None, now: datetime) -> dict[str, Any]:
    held = row is not None and row.holder is not None and (row.until is None or row.until > now)
    view: dict[str, Any] = {
        "name": name,
        "what": WHAT.get(name, ""),
        "holder": None,
        "elected_by": None,
        "since": None,
        "token": row.token if row is not None else 0,
        "wrote_at": None,
    }
    if row is not None:
        view["wrote_at"] = row.wrote_at and row.wrote_at.isoformat(timespec="seconds")
        if held:
            view["holder"] = row.holder
            view["elected_by"] = "store" if row.until is None else "database"
            view["since"] = row.taken_at and row.taken_at.isoformat(timespec="seconds")
    return view


def _print(shown: list[dict[str, Any]], now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Duty", "Holder", "By", "Since (UTC)", "For", "Token", "Wrote (UTC)", "What")
    for view in shown:
        age = "-"
        if view["since"]:
            seconds = (now - datetime.fromisoformat(view["since"])).total_seconds()
            age = f"{max(seconds, 0):.0f} s"
        table.add_row(
            view["name"],
            view["holder"] or "[red]nobody[/]",
            view["elected_by"] or "-",
            view["since"] or "-",
            age,
            str(view["token"]),
            view["wrote_at"] or "never",
            view["what"],
        )
    Console().print(table)


def add_commands(commands: Commands) -> None:
    group = commands.add_parser(
        "duties",
        help="what one conductor does for all: which one, since when",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group.add_argument("--json", action="store_true", help="for programs")
    group.set_defaults(run=show)
