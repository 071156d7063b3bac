"""A real Redis, and keys that no other test uses."""

import itertools
import os
from collections.abc import Iterator

import pytest
from redis import Redis

from minicloud.api.ratelimit.redis_store import client_of
from tests.servers import Servers

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
