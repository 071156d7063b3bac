"""One table of limits for many processes, in a real Redis."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError

from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.redis_source import (
    TABLE_FIELD,
    VERSION_FIELD,
    ChangedMeanwhile,
    RedisSource,
    RedisTable,
)
from minicloud.api.ratelimit.redis_store import client_of
from minicloud.api.ratelimit.table import LimitTable
from minicloud.runtime.servers.redis import Redis as RedisServer

SEED_VERSION = 1_000


def table(value: int, version: int = SEED_VERSION) -> LimitTable:
    limit = Limit("create", frozenset({"POST"}), "/servers", value, 60, use=(), queries=("q",))
    return LimitTable((limit,), {"p1": "gold"}, version)


def source(client: Redis, name: str, value: int = 10) -> RedisSource:
    """A process whose file allows so many calls."""
    return RedisSource(RedisTable(client, name), "redis", lambda: table(value))


def value(source: RedisSource) -> int:
    return source.table().limits[0].value


def test_the_first_process_fills_redis_from_its_file(client: Redis, name: str) -> None:
    first = source(client, name)

    first.refresh()

    assert RedisTable(client, name).read() == table(10)


def test_what_redis_has_goes_before_the_file(client: Redis, name: str) -> None:
    RedisTable(client, name).replace(0, table(10), version=5)
    late = source(client, name, 99)

    late.refresh()

    assert late.table() == table(10, 5)


def test_a_change_reaches_every_process(client: Redis, name: str) -> None:
    processes = [source(client, name) for _ in range(3)]
    for each in processes:
        each.refresh()

    version = RedisTable(client, name).replace(SEED_VERSION, table(20))

    for each in processes:
        assert value(each) == 10
        each.refresh()
        assert each.table() == table(20, version)


def test_versions_rise(client: Redis, name: str) -> None:
    held = RedisTable(client, name)
    far = 2**52

    assert held.replace(0, table(1), version=far) == far
    assert held.replace(far, table(2)) == far + 1
    assert RedisTable(client, name + "-2").replace(0, table(1)) > 1_700_000_000_000


def test_of_two_changes_at_once_one_is_told_to_look_again(client: Redis, name: str) -> None:
    held = RedisTable(client, name)
    version = held.replace(0, table(1))

    def change(number: int) -> bool:
        try:
            held.replace(version, table(number))
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(change, range(1, 41)))

    assert done.count(True) == 1
    now = held.read()
    assert now is not None
    assert now.limits[0].value == done.index(True) + 1


def test_a_table_that_redis_lost_is_put_back_by_who_knows_it(
    own_redis: RedisServer, name: str
) -> None:
    client = client_of(own_redis.url, 5.0)
    old = source(client, name)
    old.refresh()
    version = RedisTable(client, name).replace(SEED_VERSION, table(20))
    old.refresh()

    own_redis.stop()
    with pytest.raises(RedisError):
        old.refresh()
    assert value(old) == 20
    own_redis.start()
    client.flushall()
    new = source(client, name)  # knows the file only, and comes first
    new.refresh()
    assert value(new) == 10
    old.refresh()
    new.refresh()

    assert new.table() == old.table() == table(20, version)
    client.close()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"limits": [{}], "classes": {}}'])
def test_what_is_no_table_changes_nothing_and_is_said_once(
    client: Redis, name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    known = source(client, name)
    known.refresh()
    client.hset(name, mapping={VERSION_FIELD: 2_000, TABLE_FIELD: text})

    with caplog.at_level(logging.ERROR):
        known.refresh()
        known.refresh()

    assert known.table() == table(10, 2_000)  # so that no request takes it for behind
    assert "version 2000" in known.problem
    assert len(caplog.messages) == 1


def test_a_mended_table_is_taken(client: Redis, name: str) -> None:
    known = source(client, name)
    known.refresh()
    client.hset(name, mapping={VERSION_FIELD: 2_000, TABLE_FIELD: "{"})
    known.refresh()

    RedisTable(client, name).replace(2_000, table(30))
    known.refresh()

    assert value(known) == 30
    assert known.problem == ""


def test_a_version_that_is_no_number_is_none(client: Redis, name: str) -> None:
    known = source(client, name)
    known.refresh()
    client.hset(name, VERSION_FIELD, "junk")

    known.refresh()

    assert RedisTable(client, name).read() == table(10)


def test_processes_without_redis_go_by_their_file() -> None:
    client = client_of("redis://127.0.0.1:1", 0.5)
    alone = source(client, "nowhere")

    with pytest.raises(RedisError):
        alone.refresh()

    assert alone.table() == replace(table(10))
