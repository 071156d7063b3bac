"""The databases that minicloud runs on, for tests that hold them all to the same promises."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Base
from tests.servers import Servers

KINDS = ("sqlite", "mariadb", "postgresql")
REAL = ("mariadb", "postgresql")
_POOL = 40


class Databases:
    """One database of each kind, made when first asked for and emptied for each test."""

    def __init__(self, servers: Servers, directory: Path) -> None:
        self._servers, self._directory = servers, directory
        self._made: dict[str, Database] = {}
        self._running = ExitStack()

    def url(self, kind: str) -> str:
        """The URL of a new, empty database."""
        if kind == "sqlite":
            number = len(list(self._directory.iterdir()))
            return f"sqlite:///{self._directory / f'{number}.sqlite'}"
        return self._running.enter_context(self._servers.fresh_database(kind))

    def empty(self, kind: str, make: Callable[[str], Database]) -> Database:
        """A database with all tables and no rows."""
        if kind not in self._made:
            self._made[kind] = make(self.url(kind))
            self._running.callback(self._made[kind].dispose)
            schema.create(self._made[kind])
        database = self._made[kind]
        with database.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(sa.delete(table))
        return database

    def close(self) -> None:
        self._running.close()


def connect(url: str) -> Database:
    return Database(url, pool_size=_POOL)
