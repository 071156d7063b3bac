"""minicloud-manage service list: the services, and which are alive."""

from oslo_config import cfg

from minicloud.cmd import parts
from minicloud.cmd.manage_group import Commands
from minicloud.context import for_service
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.zones.local.hosts import LocalHosts


def show(conf: cfg.ConfigOpts) -> None:
    from rich.console import Console
    from rich.table import Table

    books = parts.database(conf, SystemClock(), steps.nothing)
    hosts = LocalHosts(conf, books, parts.service_group(conf, books))
    table = Table("Binary", "Host", "Zone", "Status", "State", "Last seen (UTC)")
    for view in hosts.services(for_service("manage")):
        table.add_row(
            view.row.binary,
            view.row.host,
            view.zone,
            "disabled" if view.row.disabled else "enabled",
            "[green]up[/]" if view.up else "[red]down[/]",
            str(view.row.last_seen_up or "never"),
        )
    Console().print(table)


def add_commands(commands: Commands) -> None:
    group = commands.add_parser("service", help="the services: who is there, and who is alive")
    verbs = group.add_subparsers(dest="what", required=True)
    verbs.add_parser("list", help="show them").set_defaults(run=show)
