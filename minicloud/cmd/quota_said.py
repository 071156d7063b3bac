"""The commands of `minicloud-manage quota` that tell something."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.cmd.quota_books import Books
from minicloud.conf.quota import OPTS
from minicloud.zones.quotas import Allowance

_USED = ("instances", "cores", "ram", "server_groups")  # what a project or a user uses
_WIDTH = 20
_TIGHT = 0.8


def show(conf: cfg.ConfigOpts) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    books = Books(conf)
    project, user = books.project(conf.command.project), books.user(conf.command.user)
    context = books.context(project)
    found = books.quotas.show(context, project.id, user.id if user else None)
    kind = "" if context.quota_class is None else f", class {context.quota_class}"
    title = f"{user.name} in {project.name}" if user else project.name
    table = Table("Resource", title=escape(f"{title} ({project.id}{kind})"), title_justify="left")
    table.add_column("Limit", justify="right")
    table.add_column("Used", justify="right")
    table.add_column("")
    for option in OPTS:
        table.add_row(*_row(option.dest, found[option.dest]))
    Console(highlight=False).print(table)


def defaults(conf: cfg.ConfigOpts) -> None:
    books = Books(conf)
    _print(books.quotas.defaults(books.context()), "of projects that were given nothing")


def of_class(conf: cfg.ConfigOpts) -> None:
    books, name = Books(conf), conf.command.quota_class
    _print(books.quotas.show_class(books.context(), name), f"class {name}")


def _print(limits: Mapping[str, int], title: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Resource", title=escape(title), title_justify="left")
    table.add_column("Limit", justify="right")
    for option in OPTS:
        table.add_row(option.dest, _said(limits[option.dest]))
    Console(highlight=False).print(table)


def _row(name: str, found: Allowance) -> tuple[str, str, str, str]:
    used = str(found.in_use) if name in _USED else ""
    return name, _said(found.limit), used, _bar(found) if name in _USED else ""


def _bar(found: Allowance) -> str:
    """How much of the limit is used; one that is passed is full."""
    if found.limit < 0:
        return ""
    share = min(found.in_use / found.limit, 1.0) if found.limit else float(found.in_use > 0)
    full = round(share * _WIDTH)
    colour = "red" if share >= 1 else "yellow" if share >= _TIGHT else "green"
    return f"[{colour}]{'█' * full}[/]{'░' * (_WIDTH - full)} {share:.0%}"


def _said(limit: int) -> str:
    return "unlimited" if limit < 0 else str(limit)
