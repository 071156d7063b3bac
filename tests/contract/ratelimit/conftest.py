"""A real Redis, and keys that no other test uses."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from minicloud.api.ratelimit.redis_store import client_of
from minicloud.errors import CannotStart
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis as RedisServer
from tests.servers import Servers, absent

CLOCK = SystemClock()
PATIENCE_S = 30.0
_NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """Of this test alone."""
    return f"test-{os.getpid()}-{next(_NUMBERS)}"


@pytest.fixture
def client(servers: Servers) -> Iterator[Redis]:
    """A client of the Redis of all tests."""
    made = client_of(servers.get("redis").url, 5.0)
    yield made
    made.close()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for this test alone, which forgets everything when it is started again."""
    server = RedisServer(tmp_path / "redis", throwaway=True)
    try:
        server.start()
    except CannotStart as error:
        absent(str(error))
    yield server
    server.discard()


def until(met: Callable[[], object], work: Callable[[], object] = lambda: None) -> None:
    """Do `work` again and again until the condition is met."""
    end = CLOCK.monotonic() + PATIENCE_S
    while not met():
        assert CLOCK.monotonic() < end, "it did not come to pass"
        work()
        CLOCK.sleep(0.005)
