"""The schema's version: set by migrations/, checked by every service at its start."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Base
from minicloud.errors import SchemaMismatch
from minicloud.runtime.files import shipped

HEAD = "0005"  # the newest file in migrations/versions; a test holds the two together
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String(32)))


def version(database: Database) -> str | None:
    """The version that the database is at; None when it has no tables of ours."""
    if not sa.inspect(database.engine).has_table(_VERSION.name):
        return None
    return database.read(lambda db: db.scalar(sa.select(_VERSION.c.version_num)))


def check(database: Database) -> None:
    """SchemaMismatch when the database is older or newer than this program."""
    found = version(database)
    if found != HEAD:
        raise SchemaMismatch(found or "none", HEAD)


def is_older(database: Database) -> bool:
    """Whether migrations would bring the database to what this program needs."""
    return (version(database) or HEAD) < HEAD


def create(database: Database) -> None:
    """Make all tables in an empty database at once, as the migrations would.

    An embedded cloud starts with it: running the migrations costs more time than all the rest.
    """
    Base.metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
        )
        connection.execute(sa.insert(_VERSION), [{"version_num": HEAD}])


def sync(database: Database, to: str = "head") -> None:
    """Run the migrations up to a version."""
    from alembic import command  # a fifth of a second, which no service needs

    command.upgrade(alembic_config(database), to)


def alembic_config(database: Database) -> Any:
    from alembic.config import Config

    config = Config()
    migrations: Path = shipped("share/minicloud/migrations")
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["engine"] = database.engine
    return config
