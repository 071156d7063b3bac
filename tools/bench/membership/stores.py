"""The private servers that keep a service group, and their own counts of what was written."""

import http.client
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import sqlalchemy as sa
from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.db import schema, services
from minicloud.db.engine import Database, driver_url
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.etcd import Etcd
from minicloud.runtime.servers.mariadb import MariaDB
from minicloud.runtime.servers.memcached import Memcached
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.servers.zookeeper import ZooKeeper
from minicloud.servicegroup.base import COMPUTE

DRIVERS = ("db", "zk", "mc", "redis", "etcd")
_SERVERS: dict[str, type[Server]] = {
    "zk": ZooKeeper,
    "mc": Memcached,
    "redis": Redis,
    "etcd": Etcd,
}
_ENLISTED_AT_ONCE = 500
_DB_WRITES = ("Com_insert", "Com_update", "Com_delete", "Com_replace")


@dataclass(frozen=True)
class Counts:
    """Writes so far, and processor seconds of the servers."""

    store: int
    database: int
    store_cpu_s: float
    database_cpu_s: float


@dataclass(frozen=True)
class Where:
    """What a program of the group is told."""

    driver: str
    store_url: str  # "": the database
    database_url: str
    ttl_s: float

    def conf(self) -> cfg.ConfigOpts:
        conf = register_opts(cfg.ConfigOpts())
        conf([])
        conf.set_override("driver", self.store_url or "db", "servicegroup")
        conf.set_override("service_down_time_s", self.ttl_s, "servicegroup")
        conf.set_override("report_interval_s", self.ttl_s / 4, "servicegroup")
        conf.set_override("connection", self.database_url, "database")
        return conf

    def books(self) -> Database:
        return Database(self.database_url)

    def enlist(self, hosts: Sequence[str]) -> None:
        """Let the database know of these, as a conductor does when their agents start."""
        books = self.books()
        for first in range(0, len(hosts), _ENLISTED_AT_ONCE):
            part = hosts[first : first + _ENLISTED_AT_ONCE]
            books.write(partial(services.seen, binary=COMPUTE, hosts=part, now=books.now()))
        books.dispose()


class Store:
    """A driver with its server, and a database beside it."""

    def __init__(self, driver: str, root: Path) -> None:
        self.driver = driver
        self._database = MariaDB(root / "mariadb", throwaway=True)
        self._server = _SERVERS[driver](root / driver, throwaway=True) if driver != "db" else None

    def start(self) -> None:
        for server in self._all():
            server.launch()
        for server in self._all():
            server.wait()
        books = Database(self._database.url)
        schema.create(books)
        books.dispose()

    def stop(self) -> None:
        for server in self._all():
            server.discard()

    def where(self, ttl_s: float) -> Where:
        url = "" if self._server is None else self._server.url
        return Where(self.driver, url, self._database.url, ttl_s)

    def counts(self) -> Counts:
        return Counts(self._store_writes(), self._database_writes(), *self._cpu_s())

    def _all(self) -> list[Server]:
        return [self._database] if self._server is None else [self._database, self._server]

    def _cpu_s(self) -> tuple[float, float]:
        used = []
        for server in (self._server, self._database):
            life = server.life if server is not None else None
            process = psutil.Process(life.pid) if life is not None else None
            times = process.cpu_times() if process is not None else (0.0, 0.0)
            used.append(times[0] + times[1])
        return used[0], used[1]

    def _database_writes(self) -> int:
        engine = sa.create_engine(driver_url(self._database.url))
        with engine.connect() as connection:
            said = connection.exec_driver_sql("SHOW GLOBAL STATUS").tuples().all()
        engine.dispose()
        return sum(int(count) for name, count in said if name in _DB_WRITES)

    def _store_writes(self) -> int:
        if self._server is None:
            return self._database_writes()
        counted = {"zk": _zookeeper, "mc": _memcached, "redis": _redis, "etcd": _etcd}
        return counted[self.driver](self._server)


def _redis(server: Server) -> int:
    """Changes since the server began, as nothing is saved."""
    import redis

    with redis.Redis.from_url(server.url) as client:
        return int(client.info("persistence")["rdb_changes_since_last_save"])


def _memcached(server: Server) -> int:
    from pymemcache.client.base import Client

    client = Client(("127.0.0.1", server.port))
    found = client.stats()
    client.close()
    return sum(int(found[name]) for name in (b"cmd_set", b"cmd_touch"))


def _zookeeper(server: Server) -> int:
    """The number of the last transaction; a session's pings are none."""
    from kazoo.client import KazooClient

    client = KazooClient(f"127.0.0.1:{server.port}")
    client.start()
    client.ensure_path("/counted")
    number = int(client.set("/counted", b"").mzxid) & 0xFFFFFFFF
    client.stop()
    client.close()
    return number


def _etcd(server: Server) -> int:
    """Keys put and deleted, and leases renewed."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    names = "etcd_(?:debugging_)?(?:mvcc_put|mvcc_delete|lease_renewed)_total"
    counted = dict(re.findall(rf"^({names}) (\S+)$", text, re.MULTILINE))
    return sum(int(float(value)) for name, value in counted.items() if _counts(name, counted))


def _counts(name: str, counted: dict[str, str]) -> bool:
    """Some versions tell the same number under an old and a new name."""
    return "debugging" not in name or name.replace("debugging_", "") not in counted


@contextmanager
def started(driver: str) -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="minicloud-bench-") as directory:
        os.chmod(directory, 0o755)
        store = Store(driver, Path(directory))
        try:
            store.start()
            yield store
        finally:
            store.stop()
