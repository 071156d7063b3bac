"""Levels in Redis: the same decisions as in memory, for as many processes as share it."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from minicloud.api.ratelimit.levels import Charge, Outcome
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.redis_store import RedisStore, client_of
from minicloud.api.ratelimit.store import StaleTable, Store
from minicloud.runtime.clock import SystemClock
from tests.limits_oracle import NAMES, Play, numbers, of, steps
from tests.servers import Servers
from tests.waiting import until

CLOCK = SystemClock()
_PLAYS = itertools.count()
Make = Callable[..., RedisStore]


@pytest.fixture
def make(servers: Servers, name: str) -> Iterator[Make]:
    """Makes stores, as of several processes: they share their levels."""
    stores: list[RedisStore] = []

    def made(now_us: Callable[[], int] | None = None, version_key: str = "") -> RedisStore:
        client = client_of(servers.get("redis").url, 30.0)
        stores.append(RedisStore(client, name, CLOCK, version_key, now_us=now_us))
        return stores[-1]

    yield made
    for store in stores:
        store.close()


@pytest.fixture
def keys(client: Redis, name: str) -> Callable[[], list[bytes]]:
    """What is in Redis of this test."""
    return lambda: list(client.scan_iter(f"{{{name}}}:*"))


def charge(store: Store, *limits: Any, version: int | None = None) -> Outcome:
    return store.charge([Charge(limit.name, limit) for limit in limits], version)


def test_redis_decides_as_the_oracle(make: Make) -> None:
    time: list[Callable[[], int]] = []
    store = make(lambda: time[-1]())

    def begin(now_us: Callable[[], int]) -> Store:
        time.append(now_us)
        return store

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(st.fixed_dictionaries({name: numbers() for name in NAMES}), steps())
    def plays(given: Any, happens: Any) -> None:
        Play(begin, given, f"{next(_PLAYS)} {{}}".format).run(happens)

    plays()


def test_redis_and_memory_keep_the_same_debts_to_the_last_digit(make: Make) -> None:
    """Where doubles end: the largest limits, changed by the oddest factors."""
    now = [1_800_000_000_123_457]
    redis, memory = make(lambda: now[0]), MemoryStore(lambda: now[0])
    shapes = [(2**26, 134), (104247, 86400), (9_007_198, 1000), (1, 31622400), (3, 31622399)]

    for turn in range(300):
        limit = of("a", *shapes[turn * 7 % len(shapes)])
        now[0] += turn * turn * 1009
        assert charge(redis, limit) == charge(memory, limit), (turn, limit)


def test_the_time_is_that_of_redis(make: Make) -> None:
    store, limit = make(), of("a", 2, 3600)

    outcomes = [charge(store, limit) for _ in range(3)]

    assert [each.allowed for each in outcomes] == [True, True, False]
    assert 3_000_000_000 * 2 < outcomes[1].debts[0] <= 3_600_000_000 * 2
    until(lambda: store.look([Charge("a", limit)])[0] < outcomes[2].debts[0])


def test_threads_and_processes_that_race_get_exactly_the_limit(make: Make) -> None:
    limit, other = of("a", 37, 86400), of("b", 1000, 86400)
    stores = [make() for _ in range(4)]

    with ThreadPoolExecutor(8) as pool:
        turns = [stores[n % 4] for n in range(400)]
        outcomes = list(pool.map(lambda store: charge(store, limit, other), turns))

    assert sum(outcome.allowed for outcome in outcomes) == 37
    spent = stores[0].look([Charge("b", other)])[0] / other.unit_us
    assert 36 < spent <= 37


def test_levels_expire_when_they_have_drained_and_not_before(
    make: Make, client: Redis, keys: Callable[[], list[bytes]]
) -> None:
    charge(make(), of("quick", 1000, 1), of("slow", 2, 3600))

    until(lambda: len(keys()) == 1)

    (left,) = keys()
    assert b"slow" in left
    assert 1_500_000 < int(client.pttl(left)) <= 1_800_002


def test_all_keys_of_a_request_are_on_one_node_of_a_cluster(
    make: Make, name: str, keys: Callable[[], list[bytes]]
) -> None:
    charge(make(), of("a", 5, 3600), of("b", 5, 3600))

    assert len(keys()) == 2
    assert {key.partition(b"}")[0] for key in keys()} == {b"{" + name.encode()}


def test_a_clock_of_redis_that_was_set_back_locks_nobody_out(make: Make) -> None:
    now = [2_000_000_000_000_000]
    store, limit = make(lambda: now[0]), of("a", 10, 60)
    for _ in range(10):
        charge(store, limit)
    now[0] -= 3_600_000_000

    assert not charge(store, limit).allowed
    now[0] += 6_000_000
    assert charge(store, limit).allowed


def test_what_is_no_level_counts_as_none(make: Make, client: Redis, name: str) -> None:
    for text in ("", "x", "1 2 3", "1 2 3 4 5", "-1 2 3 4", "1e9 1 1 1"):
        client.set(f"{{{name}}}:level:a", text)

        assert charge(make(), of("a", 1, 60)).allowed


def test_a_caller_who_goes_by_old_limits_is_told_and_nothing_is_counted(
    make: Make, client: Redis, name: str
) -> None:
    key, limit = f"{{{name}}}:limits", of("a", 5, 3600)
    store = make(version_key=key)
    client.hset(key, "version", 7)

    with pytest.raises(StaleTable):
        charge(store, limit, version=6)

    assert store.look([Charge("a", limit)]) == [0]
    assert charge(store, limit, version=7).allowed
    assert charge(store, limit, version=None).allowed
    client.delete(key)
    assert charge(store, limit, version=0).allowed


def test_a_redis_that_has_forgotten_the_script_is_told_it_again(make: Make, client: Redis) -> None:
    store, limit = make(), of("a", 2, 3600)
    charge(store, limit)

    client.script_flush()

    assert [charge(store, limit).allowed for _ in range(2)] == [True, False]


def test_a_decision_is_one_round_trip(make: Make, client: Redis) -> None:
    store = make()
    charge(store, of("a", 5, 3600))
    before = _commands(client)

    for _ in range(20):
        charge(store, of("a", 5, 3600), of("b", 5, 3600), of("c", 5, 3600))

    spent = {name: n - before.get(name, 0) for name, n in _commands(client).items()}
    assert spent["cmdstat_evalsha"] == 20
    assert not spent.get("cmdstat_eval")


def _commands(client: Redis) -> dict[str, int]:
    stats: Any = client.info("commandstats")
    return {name: facts["calls"] for name, facts in stats.items()}
