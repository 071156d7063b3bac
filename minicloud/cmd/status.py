"""`minicloud status`: what runs, as tables that a person likes to read, or as JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from minicloud.cmd import rate_limits
from minicloud.cmd.state import State
from minicloud.runtime import pids
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.runfile import Child, Run

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {"running": "green", "starting": "yellow", "restarting": "yellow", "waiting": "red"}


def status(options: argparse.Namespace) -> int:
    state = State(options.state_dir)
    run = state.run()
    if run is None:
        return _nothing(state, options.json)
    if options.json:
        print(json.dumps(_as_json(run), indent=1))
    else:
        _print_table(run, state)
    return 0


def _nothing(state: State, as_json: bool) -> int:
    text = "a cloud is just starting" if state.starting else "no cloud runs"
    if as_json:
        print(json.dumps({"state": "starting" if state.starting else "down", "children": []}))
    else:
        print(f"{text} in {state.root}; `minicloud up` starts one", file=sys.stderr)
    return 3


def _as_json(run: Run) -> dict[str, Any]:
    values = asdict(run)
    for child, row in zip(run.children, values["children"], strict=True):
        row["state"] = _state(child)
        row["memory_bytes"] = pids.resident_bytes(child.pid) if child.alive else 0
    return values


def _print_table(run: Run, state: State) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    now = SystemClock().now()
    how = "in one process" if run.mode == "embedded" else f"{len(run.children)} processes"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("service", "process", "state"):
        table.add_column(heading, no_wrap=True)
    for heading in ("pid", "up for", "restarts", "memory", "port"):
        table.add_column(heading, justify="right")
    before = ""
    for child in run.children:
        word = _state(child)
        memory = f"{pids.resident_bytes(child.pid) / 1e6:.0f} MB" if child.alive else "-"
        table.add_row(
            child.service if child.service != before else "",
            child.name,
            Text(word, style=_COLOURS.get(word, "red")),
            str(child.pid or "-"),
            _since(child.started_at, now),
            str(child.restarts),
            memory,
            str(next(iter(child.ports.values()), "")),
        )
        before = child.service
    console = Console(highlight=False)
    console.print(f"[bold]minicloud {run.version} is {run.state}[/]: {run.urls['api']}", end="")
    console.print(f", {run.hosts} hosts, {how}", soft_wrap=True)
    console.print(table)
    _print_overview(run, state, console)
    console.print(f"state directory {escape(str(state.root))}", style="dim", soft_wrap=True)


def _print_overview(run: Run, state: State, console: "Console") -> None:
    """Servers and services, as the API tells of them."""
    if "url" in run.identity:
        console.print(f"identity  {run.identity['url']}", soft_wrap=True, markup=False)
    if run.rate_limits:
        from minicloud.cmd import redis_away

        away = run.rate_limits == rate_limits.IN_REDIS and redis_away.is_away(state)
        said = f"{run.rate_limits}, which does not answer" if away else run.rate_limits
        colour = "yellow" if away else "default"
        console.print(f"limits    {said}", style=colour, soft_wrap=True, markup=False)
    if run.state != "ready" or not state.password.exists():
        return
    way_in = log_in(run, state)
    if way_in is None:
        console.print("servers   not asked for: OS_USERNAME names no administrator there")
        _print_members(run, console)
        return
    from minicloud.cmd import overview

    found = overview.ask(run.urls["api"], way_in)
    if found is None:
        console.print("[red]the API does not answer[/]; `minicloud logs` may tell why")
        _print_members(run, console)
        return
    colour = "yellow" if found.ill else "default"
    console.print(f"servers   {found.servers}", soft_wrap=True)
    console.print(f"in use    {found.in_use}", soft_wrap=True)
    console.print(f"services  {found.services}", style=colour, soft_wrap=True, markup=False)
    if found.members:
        colour = "yellow" if found.members_ill else "default"
        console.print(f"members   {found.members}", style=colour, soft_wrap=True, markup=False)
    console.print()


def _print_members(run: Run, console: "Console") -> None:
    """Where they are kept, where nobody tells who lives."""
    if run.servicegroup:
        console.print(f"members   in {run.servicegroup}", soft_wrap=True, markup=False)
    console.print()


def log_in(run: Run, state: State) -> Callable[[], str] | None:
    """How an administrator of this cloud gets a token; None when it is not known who is one."""
    from minicloud.cmd import overview
    from minicloud.cmd.clouds import Way

    way = Way.of(run, state.password.read_text().rstrip("\n"))
    password = way.password
    if password is not None:
        return lambda: overview.admin(way.auth_url, password)
    from minicloud.cmd import identity

    return identity.log_in(way.auth_url)


def _state(child: Child) -> str:
    """What the supervisor wrote, unless the process has gone since."""
    return child.state if child.alive or child.state != "running" else "gone"


def _since(moment: str, now: datetime) -> str:
    then = datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None)
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit, smaller, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // smaller}{part}"
    return f"{seconds // 60}m {seconds % 60}s" if seconds >= 60 else f"{seconds}s"
