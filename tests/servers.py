"""Real servers for tests: started when the first test asks, one of a kind, stopped at the end."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
import sqlalchemy

from minicloud.errors import CannotStart
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.etcd import Etcd
from minicloud.runtime.servers.keystone import Keystone
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.runtime.servers.memcached import Memcached
from minicloud.runtime.servers.postgresql import PostgreSQL
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.servers.zookeeper import ZooKeeper

KINDS: dict[str, type[Server]] = {
    kind.name: kind for kind in (Etcd, MariaDB, Memcached, PostgreSQL, RabbitMQ, Redis, ZooKeeper)
}
S = TypeVar("S", bound=Server)
_DRIVERS = {"mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}


class Servers:
    """The servers of one test session, by name."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="minicloud-tests-"))
        self._root.chmod(0o755)  # PostgreSQL runs as another user when we are root
        self._started: dict[str, Server] = {}
        self._missing: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def get(self, name: str) -> Server:
        """The running server; without its program the test is skipped, or fails where CI is."""
        if name in self._missing:
            absent(self._missing[name])
        if name not in self._started:
            kind = Keystone if name == Keystone.name else KINDS[name]
            server = kind(self._root / name, throwaway=True)
            try:
                server.start()
            except CannotStart as error:
                self._missing[name] = str(error)
                absent(str(error))
            self._started[name] = server
        return self._started[name]

    @contextmanager
    def fresh_database(self, name: str) -> Iterator[str]:
        """The URL of an empty database of its own, dropped afterwards."""
        server = self.get(name)
        assert isinstance(server, MariaDB | PostgreSQL)
        database = f"minicloud_{os.getpid()}_{next(self._numbers)}"
        _say(server, f"CREATE DATABASE {database}")
        try:
            yield server.database_url(database)
        finally:
            force = " WITH (FORCE)" if name == "postgresql" else ""
            _say(server, f"DROP DATABASE {database}{force}")

    def stop(self) -> None:
        for server in self._started.values():
            server.discard()
        shutil.rmtree(self._root, ignore_errors=True)


@contextmanager
def own(kind: type[S], directory: Path) -> Iterator[S]:
    """A server for one test alone, which forgets everything when it is started again."""
    server = kind(directory / kind.name, throwaway=True)
    try:
        server.start()
    except CannotStart as error:
        absent(str(error))
    try:
        yield server
    finally:
        server.discard()


def left_in(directory: Path) -> list[int]:
    """Processes that still know the directory by their arguments or environment."""
    left = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            words = [*process.cmdline(), *process.environ().values()]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if any(str(directory) in word for word in words):
            left.append(process.pid)
    return left


def absent(reason: str) -> None:
    """What a test does without its server: `.ci/run` sets MINICLOUD_REQUIRE_SERVERS."""
    if os.environ.get("MINICLOUD_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _say(server: MariaDB | PostgreSQL, statement: str) -> None:
    scheme, rest = server.url.split(":", 1)
    address = f"{_DRIVERS[scheme]}:{rest}"
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
