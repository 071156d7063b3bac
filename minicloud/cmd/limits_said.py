"""The commands of `minicloud-manage limits` that tell something."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oslo_config import cfg

from minicloud.api.ratelimit import assembly, roll_call, writing
from minicloud.api.ratelimit.control import errors_of
from minicloud.api.ratelimit.levels import Standing, seconds
from minicloud.api.ratelimit.limit import ALL, Limit
from minicloud.api.ratelimit.limiter import Caller
from minicloud.api.ratelimit.table import LimitTable
from minicloud.cmd.limits_book import Opened, at, doubt_id, opened
from minicloud.errors import CannotStart
from minicloud.runtime.clock import SystemClock

if TYPE_CHECKING:
    from redis import Redis
    from rich.table import Table

_LAST_ERRORS = 3


def show(conf: cfg.ConfigOpts) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    with opened(conf) as found:
        table = found.book.read()
        if conf.command.project is not None:
            standings = _standings(conf, found, table)
            doubt_id(conf.command.project)
            console.print(_of_caller(standings, conf.command.user is not None))
            if conf.command.user is None:
                console.print("What is counted for each user is told with --user ID.")
            return
        if conf.command.user is not None:
            raise CannotStart("--user: name the project as well, for levels are of both")
        console.print(_where(conf, found, table), markup=False, soft_wrap=True)
        console.print(_of_limits(table.limits) if table.limits else "there are no limits")
        if table.classes:
            console.print(_of_classes(table))
        if found.client is not None:
            console.print(_of_processes(conf, found.client, table), soft_wrap=True)
            for line in _errors(conf, found.client):
                console.print(f"lately: {line}", markup=False, style="yellow", soft_wrap=True)


def dump(conf: cfg.ConfigOpts) -> None:
    with opened(conf) as found:
        sys.stdout.write(writing.written(found.book.read()))


def reload(conf: cfg.ConfigOpts) -> None:
    with opened(conf) as found:
        table = found.book.read()
        if found.client is None:
            print(f"{found.book.where} can be read: {len(table.limits)} limits")
            print("each API process looks at the file itself, twice a second")
            return
        channel = conf.ratelimit.control_channel
        count = roll_call.reload(found.client, channel, conf.command.spread)
    if not count:
        raise CannotStart(_nobody(channel))
    print(f"told {count} API process{'es' if count > 1 else ''}")


def ping(conf: cfg.ConfigOpts) -> None:
    with opened(conf) as found:
        if found.client is None:
            raise CannotStart(
                "without a Redis ([ratelimit] store) API processes have no channel: "
                "each looks at the file itself"
            )
        channel, count = conf.ratelimit.control_channel, 0
        for each in roll_call.call(found.client, channel, "ping", SystemClock()):
            print(f"{each.node}  {each.after_s * 1000:.0f} ms")
            count += 1
    if not count:
        raise CannotStart(_nobody(channel))


def _nobody(channel: str) -> str:
    return f"no API process hears on the channel {channel!r}: does one run, with limits enabled?"


def _where(conf: cfg.ConfigOpts, found: Opened, table: LimitTable) -> str:
    version = at(table.version) if table.version else "of the file: Redis has none yet"
    off = "" if conf.ratelimit.enabled else "; off: [ratelimit] enabled is false"
    return f"{found.book.where}, {version}{off}"


def _of_limits(limits: Sequence[Limit]) -> "Table":
    table = _table("Limit", "Verbs", "URI", "Calls", "Per", "For each", "Class")
    for limit in limits:
        whose = " + ".join((limit.per, *limit.use))
        klass = limit.limit_class if limit.limit_class is not None else ALL
        _row(table, limit.name, limit.verb, _uri(limit), limit.value, limit.unit, whose, klass)
    return table


def _uri(limit: Limit) -> str:
    wanted = ", ".join(f"{name}={what}" for name, what in limit.requirements.items())
    return f"{limit.place} ({wanted})" if wanted else limit.place


def _of_classes(limits: LimitTable) -> "Table":
    table = _table("Project", "Class")
    for project, name in limits.classes.items():
        _row(table, project, name)
    return table


def _of_processes(conf: cfg.ConfigOpts, client: "Redis", limits: LimitTable) -> "Table | str":
    channel = conf.ratelimit.control_channel
    present = list(roll_call.call(client, channel, "state", SystemClock()))
    if not present:
        return _nobody(channel)
    table = _table("API process", "Goes by")
    for each in sorted(present, key=lambda each: each.node):
        version = each.facts.partition(":")[0]
        known = "these" if version == str(limits.version) else f"version {version}"
        _row(table, each.node, known)
    return table


def _errors(conf: cfg.ConfigOpts, client: "Redis") -> list[str]:
    key = errors_of(conf.ratelimit.control_channel)
    newest: list[Any] = client.zrange(key, -_LAST_ERRORS, -1)
    return [line.decode(errors="replace") for line in newest]


def _standings(conf: cfg.ConfigOpts, found: Opened, table: LimitTable) -> list[Standing]:
    if found.client is None:
        raise CannotStart(
            "levels are in the memory of the API process, which tells them to the caller alone: "
            "`openstack limits show --rate`"
        )
    found.client.ping()
    caller = Caller(conf.command.user or "", conf.command.project)
    limiter = assembly.limiter(conf, SystemClock(), _Fixed(table))
    try:
        return limiter.levels_of(caller)
    finally:
        limiter.close()


class _Fixed:
    """A source whose limits do not change meanwhile."""

    where = ""

    def __init__(self, table: LimitTable) -> None:
        self._table = table

    def table(self) -> LimitTable:
        return self._table

    def refresh(self) -> None:
        pass


def _of_caller(standings: Sequence[Standing], with_user: bool) -> "Table":
    table = _table("Limit", "Verbs", "URI", "Calls", "Per", "Left", "Next in", "All in")
    for standing in standings:
        limit = standing.limit
        known = with_user or limit.per == "project"
        facts = (
            str(standing.remaining),
            f"{seconds(standing.wait_us)} s",
            f"{seconds(standing.reset_us)} s",
        )
        what = (limit.name, limit.verb, _uri(limit), limit.value, limit.unit)
        _row(table, *what, *(facts if known else ("-", "-", "-")))
    return table


def _table(*headings: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in headings:
        right = heading in ("Calls", "Left", "Next in", "All in")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    return table


def _row(table: "Table", *words: object) -> None:
    """Names are shown as they are, even if they look like markup."""
    from rich.markup import escape

    table.add_row(*(escape(str(word)) for word in words))
