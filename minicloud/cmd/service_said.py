"""`minicloud-manage service list`: who is there, who lives, and who says so."""

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from oslo_config import cfg

from minicloud.api.views.moments import with_z
from minicloud.cmd.service_books import Books, check_words
from minicloud.cmd.service_words import WIDTH_OF_A_PIPE, ago, kept_by
from minicloud.runtime.masking import masked
from minicloud.servicegroup.base import Store
from minicloud.zones.base import ServiceView

_COLOURS: Final = {"up": "green", "down": "red", "forced down": "red", "unknown": "yellow"}
_HEADINGS: Final = ("ID", "Binary", "Host", "Zone", "Status", "State", "Heard", "Epoch", "Owner")


def show(conf: cfg.ConfigOpts) -> None:
    books, asked = Books(conf), conf.command
    check_words(asked.of_host, asked.of_binary)
    found, store = books.views(host=asked.of_host, binary=asked.of_binary)
    if asked.down:
        found = [view for view in found if not view.up]
    if asked.json:
        facts = [_facts(view, store) for view in found]
        print(json.dumps({"services": facts, "store": _store_facts(store)}, indent=1))
    else:
        _print_table(found, store)


def state(view: ServiceView, store: Store) -> str:
    if view.row.forced_down:
        return "forced down"
    if view.up:
        return "up"
    is_unknown = store.away_s is not None and view.standing.heard_at is None
    return "unknown" if is_unknown else "down"


def status(view: ServiceView) -> str:
    row = view.row
    if not row.disabled:
        return "enabled"
    return f"disabled: {row.disabled_reason}" if row.disabled_reason else "disabled"


def _print_table(found: Sequence[ServiceView], store: Store) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        *_HEADINGS, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True
    )
    for column in (0, 6, 7):
        table.columns[column].justify = "right"
    for column in (2, 5, 6):
        table.columns[column].no_wrap = True
    for view in found:
        word = state(view, store)
        said = escape(status(view))
        table.add_row(
            str(view.row.id),
            escape(view.row.binary),
            escape(view.row.host),
            escape(view.zone),
            f"[yellow]{said}[/]" if view.row.disabled else said,
            f"[{_COLOURS[word]}]{word}[/]",
            ago(view.standing.age_s),
            str(view.row.epoch or "-"),
            escape(_owner(view)),
        )
    width = None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    console = Console(highlight=False, width=width)
    if found:
        console.print(table)
    else:
        console.print("no such service")
    colour = "dim" if store.away_s is None and not store.settles_s else "yellow"
    console.print(kept_by(store), style=colour, soft_wrap=True, markup=False)


def _owner(view: ServiceView) -> str:
    """The program, its process and its machine."""
    owner = view.row.owner
    if not owner:
        return "-"
    machine = str(owner.get("machine", "-")).split()[0]
    return f"{owner.get('program', '-')} {owner.get('pid', '-')} on {machine}"


def _facts(view: ServiceView, store: Store) -> dict[str, Any]:
    row, standing = view.row, view.standing
    return {
        "id": row.id,
        "uuid": row.uuid,
        "binary": row.binary,
        "host": row.host,
        "zone": view.zone,
        "status": "disabled" if row.disabled else "enabled",
        "disabled_reason": row.disabled_reason,
        "state": "down" if row.forced_down else state(view, store),
        "forced_down": row.forced_down,
        "heard_at": with_z(standing.heard_at),
        "age_s": None if standing.age_s is None else round(standing.age_s, 3),
        "epoch": row.epoch,
        "owner": row.owner,
    }


def _store_facts(store: Store) -> dict[str, Any]:
    return {
        "driver": store.driver,
        "address": store.address,
        "reachable": store.away_s is None,
        "away_s": store.away_s,
        "trouble": masked(store.trouble),
        "settles_s": store.settles_s,
    }
