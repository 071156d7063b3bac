"""minicloud-manage: what an operator does to a deployment from its own machine."""

import os
import sys
from collections.abc import Callable

from oslo_config import cfg

from minicloud.cmd import parts, program
from minicloud.cmd.bootstrap import bootstrap
from minicloud.context import for_service
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.errors import CannotStart
from minicloud.runtime import steps
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.passwords import secret
from minicloud.zones.local.hosts import LocalHosts

_Handler = Callable[[cfg.ConfigOpts], None]


def _books(conf: cfg.ConfigOpts) -> Database:
    return Database(conf.database.connection, SystemClock(), pool_size=2)


def db_sync(conf: cfg.ConfigOpts) -> None:
    books = _books(conf)
    before = schema.version(books)
    schema.sync(books, conf.command.to)
    print(f"schema: {before or 'none'} -> {schema.version(books)}")


def db_version(conf: cfg.ConfigOpts) -> None:
    print(schema.version(_books(conf)) or "none")


def make_world(conf: cfg.ConfigOpts) -> None:
    books = parts.database(conf, SystemClock(), steps.nothing)
    given = os.environ.get("MINICLOUD_PASSWORD")
    password = given or secret()
    bootstrap(books, conf, password)
    print("users, projects, roles, catalogue, flavors and the image cirros are there")
    if not given:
        print(f"if this was the first time, the password of admin and demo is {password}")


def service_list(conf: cfg.ConfigOpts) -> None:
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


def _add_commands(commands: "object") -> None:
    """db sync | version; bootstrap; service list."""
    add = commands.add_parser  # type: ignore[attr-defined]
    db = add("db", help="the database's schema").add_subparsers(dest="what", required=True)
    sync = db.add_parser("sync", help="run the migrations; harmless when there are none to run")
    sync.add_argument("--to", default="head", help="the version to go to (default: the newest)")
    sync.set_defaults(run=db_sync)
    db.add_parser("version", help="print the schema's version").set_defaults(run=db_version)
    world = add(
        "bootstrap",
        help="make devstack's users, projects, flavors and image, where they are missing",
        description="The password of admin and demo is taken from $MINICLOUD_PASSWORD.",
    )
    world.set_defaults(run=make_world)
    service = add("service", help="the services: who is there, and who is alive").add_subparsers(
        dest="what", required=True
    )
    service.add_parser("list", help="show them").set_defaults(run=service_list)


def main() -> int:
    command = cfg.SubCommandOpt("command", title="commands", handler=_add_commands)
    cfg.CONF.register_cli_opt(command)

    def run(conf: cfg.ConfigOpts) -> None:
        handler: _Handler | None = getattr(conf.command, "run", None)
        if handler is None:
            raise CannotStart("name a command: db, bootstrap or service (see --help)")
        handler(conf)

    return program.run("minicloud-manage", run)


if __name__ == "__main__":
    sys.exit(main())
