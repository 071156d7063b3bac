"""A program joins and ends, seen by the stores' own command-line clients."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.base import Server
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.servers.zookeeper import ZooKeeper
from minicloud.servicegroup.base import COMPUTE, Lease
from minicloud.servicegroup.leases import lease_of
from tests.contract.servicegroup.place import Place
from tests.servers import own

_JARS = ("zookeeper", "commons-cli", "slf4j-nop")
_TTL_S = 60.0  # nothing is renewed here


class Client:
    """ZooKeeper's own command line, which is asked one thing after another."""

    _END = "ZooKeeper CLI version"

    def __init__(self, server: ZooKeeper) -> None:
        jars = ":".join(f"/usr/share/java/{name}.jar" for name in _JARS)
        java = [server.program("java"), "-XX:TieredStopAtLevel=1", "-cp", jars]
        main = ["org.apache.zookeeper.ZooKeeperMain", "-server", f"127.0.0.1:{server.port}"]
        self._process = subprocess.Popen(
            [*java, *main], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ls(self, path: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"ls {path}\nversion\n")
        self._process.stdin.flush()
        said = iter(self._process.stdout.readline, "")
        lines = list(itertools.takewhile(lambda line: not line.startswith(self._END), said))
        return lines[-1].strip()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def zookeeper(tmp_path: Path) -> Iterator[ZooKeeper]:
    """One in which nobody has been yet."""
    with own(ZooKeeper, tmp_path) as server:
        yield server


@pytest.fixture
def client(zookeeper: ZooKeeper) -> Iterator[Client]:
    made = Client(zookeeper)
    yield made
    made.close()


def test_a_program_that_starts_joins_and_ends_is_seen_by_zookeepers_own_client(
    zookeeper: ZooKeeper, client: Client
) -> None:
    assert client.ls("/") == "[zookeeper]"

    first = coordinator(zookeeper, "host-1")
    assert client.ls("/") == "[tooz, zookeeper]"

    first.join({"host-1": 1}, COMPUTE)
    assert client.ls("/tooz") == "[nova-compute]"
    assert client.ls("/tooz/nova-compute") == "[host-1]"

    second = coordinator(zookeeper, "host-2")
    second.join({"host-2": 1}, COMPUTE)
    assert client.ls("/tooz/nova-compute") == "[host-1, host-2]"

    first.close()
    assert client.ls("/tooz/nova-compute") == "[host-2]"

    second.close()
    assert client.ls("/tooz/nova-compute") == "[]"
    assert client.ls("/tooz") == "[nova-compute]"


def test_a_program_that_joins_and_ends_is_seen_by_redis_own_client(own_redis: Redis) -> None:
    first = coordinator(own_redis, "host-1")

    first.join({"host-1": 1}, COMPUTE)
    assert redis_cli(own_redis, "HKEYS", "_tooz_group:nova-compute") == {"__created__", "host-1"}
    (left_s,) = redis_cli(own_redis, "TTL", "_tooz_beats:host-1")
    assert 0 < int(left_s) <= _TTL_S

    first.close()
    assert redis_cli(own_redis, "HKEYS", "_tooz_group:nova-compute") == {"__created__"}
    assert redis_cli(own_redis, "SMEMBERS", "_tooz_groups") == {"nova-compute"}


def coordinator(server: Server, name: str) -> Lease:
    return lease_of(Place(server.url, "sqlite://", _TTL_S).conf(), name, SystemClock())


def redis_cli(server: Redis, *command: str) -> set[str]:
    done = subprocess.run(
        [server.program("redis-cli"), "-p", str(server.port), *command],
        env={**os.environ, "REDISCLI_AUTH": server.password},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())
