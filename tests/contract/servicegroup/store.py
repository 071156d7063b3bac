"""The real server that keeps a service group, and what the tests do to it."""

import base64
import json
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import kazoo.client
import psutil
import redis

from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.runtime.ports import LOOPBACK
from minicloud.runtime.servers.base import Server
from tests.contract.servicegroup.place import Place
from tests.servers import Servers

_SERVERS = {
    "redis": "redis",
    "mc": "memcached",
    "etcd": "etcd",
    "zk": "zookeeper",
    "db": "mariadb",
}


class Store:
    """`books` are the rows of services: of the store itself for `db`."""

    def __init__(self, driver: str, servers: Servers, directory: Path) -> None:
        self.driver = driver
        self._stack = ExitStack()
        self.server: Server = servers.get(_SERVERS[driver])
        if driver == "db":
            url = self._stack.enter_context(servers.fresh_database("mariadb"))
            self.place = Place("db", url)
        else:
            self.place = Place(self.server.url, f"sqlite:///{directory / driver}.sqlite")
        self.books = Database(self.place.database_url)
        self._stack.callback(self.books.dispose)
        schema.create(self.books)

    def close(self) -> None:
        self._stack.close()

    def place_at(self, port: int) -> Place:
        """The same at another port, where somebody passes on."""
        here, there = f"{LOOPBACK}:{self.server.port}", f"{LOOPBACK}:{port}"
        if self.driver == "db":
            return replace(self.place, database_url=self.place.database_url.replace(here, there))
        return replace(self.place, url=self.place.url.replace(here, there))

    def kill(self) -> None:
        """End it as its own crash would; a database, whose rows others need, in an orderly way."""
        assert self.server.life is not None
        self.server.life.end(30, signal.SIGTERM if self.driver == "db" else signal.SIGKILL)

    def start(self) -> None:
        self.server.start()

    def pause(self) -> None:
        psutil.Process(self._pid).suspend()

    def resume(self) -> None:
        psutil.Process(self._pid).resume()

    def empty(self) -> None:
        """Everything that it keeps is lost, while it runs."""
        _EMPTY[self.driver](self.server)

    @property
    def _pid(self) -> int:
        assert self.server.life is not None
        return self.server.life.pid


def _empty_redis(server: Server) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.flushall()


def _empty_memcached(server: Server) -> None:
    with socket.create_connection((LOOPBACK, server.port), 10) as connection:
        connection.sendall(b"flush_all\r\n")
        assert connection.recv(64) == b"OK\r\n"


def _empty_zookeeper(server: Server) -> None:
    client = kazoo.client.KazooClient(f"{LOOPBACK}:{server.port}")
    client.start()
    try:
        everything = client.transaction()
        for path in reversed(["/tooz", *_below(client, "/tooz")]):
            everything.delete(path)
        assert all(done is True for done in everything.commit())
    finally:
        client.stop()
        client.close()


def _below(client: kazoo.client.KazooClient, path: str) -> Iterator[str]:
    for name in client.get_children(path):
        yield f"{path}/{name}"
        yield from _below(client, f"{path}/{name}")


def _empty_etcd(server: Server) -> None:
    everything = base64.b64encode(b"\0").decode()
    body = json.dumps({"key": everything, "range_end": everything}).encode()
    address = f"http://{LOOPBACK}:{server.port}/v3/kv/deleterange"
    with urllib.request.urlopen(address, body, 10) as answer:
        assert answer.status == 200


_EMPTY: Mapping[str, Callable[[Server], None]] = {
    "redis": _empty_redis,
    "mc": _empty_memcached,
    "zk": _empty_zookeeper,
    "etcd": _empty_etcd,
}
