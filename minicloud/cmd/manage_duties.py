"""minicloud-manage duties: which conductor does what must be done once."""

import argparse
import json
import sys
from datetime import datetime
from typing import Any, Final

from oslo_config import cfg

from minicloud.cmd import parts
from minicloud.cmd.manage_group import Commands
from minicloud.cmd.service_words import WIDTH_OF_A_PIPE, ago
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
_HEADINGS: Final = ("Duty", "Holder", "By", "Since", "Token", "Wrote", "What")
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
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*_HEADINGS, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.columns[4].justify = "right"
    for column in table.columns[:-1]:
        column.no_wrap = True
    for view in shown:
        table.add_row(
            view["name"],
            escape(view["holder"]) if view["holder"] else "[red]nobody[/]",
            view["elected_by"] or "-",
            _age(view["since"], now),
            str(view["token"]),
            _age(view["wrote_at"], now) if view["wrote_at"] else "never",
            view["what"],
        )
    width = None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    Console(highlight=False, width=width).print(table)


def _age(at: str | None, now: datetime) -> str:
    return ago(None if at is None else (now - datetime.fromisoformat(at)).total_seconds())


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
