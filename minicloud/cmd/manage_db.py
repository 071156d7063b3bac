"""minicloud-manage db sync | version: the database's schema."""

from oslo_config import cfg

from minicloud.cmd.manage_group import Commands
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.runtime.clock import SystemClock


def _books(conf: cfg.ConfigOpts) -> Database:
    return Database(conf.database.connection, SystemClock(), pool_size=2)


def sync(conf: cfg.ConfigOpts) -> None:
    books = _books(conf)
    before = schema.version(books)
    schema.sync(books, conf.command.to)
    print(f"schema: {before or 'none'} -> {schema.version(books)}")


def version(conf: cfg.ConfigOpts) -> None:
    print(schema.version(_books(conf)) or "none")


def add_commands(commands: Commands) -> None:
    group = commands.add_parser("db", help="the database's schema")
    verbs = group.add_subparsers(dest="what", required=True)
    syncing = verbs.add_parser(
        "sync", help="run the migrations; harmless when there are none to run"
    )
    syncing.add_argument("--to", default="head", help="the version to go to (default: the newest)")
    syncing.set_defaults(run=sync)
    verbs.add_parser("version", help="print the schema's version").set_defaults(run=version)
