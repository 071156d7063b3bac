"""A Redis that is away, slow or back: nobody waits for it twice, and it is told of once."""

import logging
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.ratelimit.redis_store import RedisStore, client_of
from minicloud.api.ratelimit.store import StoreDown
from minicloud.runtime.servers.redis import Redis as RedisServer
from tests.hand_clock import HandClock
from tests.unit.api.limited import Given, limit
from tests.waiting import until

ALICE = Caller("alice", "p1")
PAUSE_S = 5.0


@pytest.fixture
def clock() -> HandClock:
    """Of the pauses alone; Redis has its own."""
    return HandClock()


@pytest.fixture
def store(own_redis: RedisServer, clock: HandClock) -> Iterator[RedisStore]:
    made = RedisStore(client_of(own_redis.url, 1.5), "down", clock, pause_s=PAUSE_S)
    yield made
    made.close()


@pytest.fixture
def opened(store: RedisStore, clock: HandClock) -> Limiter:
    return Limiter(Given(limit(value=2, unit_s=3600)), store, clock)


@pytest.fixture
def closed(store: RedisStore, clock: HandClock) -> Limiter:
    return Limiter(Given(limit(value=2, unit_s=3600)), store, clock, closed=True)


def asked(limiter: Limiter) -> bool | None:
    """None: nobody knows, so it may go on."""
    verdict = limiter.charge(ALICE, "GET", "/servers", ())
    return None if verdict is None else verdict.allowed


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.message.partition(":")[0] for line in caplog.records if "Redis" in line.message]


def test_open_lets_everything_through_and_says_so_once(
    opened: Limiter, own_redis: RedisServer, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    assert [asked(opened) for _ in range(3)] == [True, True, False]

    own_redis.stop()
    for _ in range(4):
        assert [asked(opened) for _ in range(3)] == [None] * 3
        clock.pass_s(PAUSE_S + 1)
    assert lines(caplog) == ["the Redis of the rate limits is down"]

    own_redis.start()
    until(lambda: asked(opened) is not None, lambda: clock.pass_s(PAUSE_S + 1))
    assert lines(caplog)[1:] == ["the Redis of the rate limits is back"]
    assert caplog.records[-1].levelno == logging.WARNING


def test_closed_refuses_until_it_is_back(
    closed: Limiter, own_redis: RedisServer, clock: HandClock
) -> None:
    own_redis.stop()

    with pytest.raises(StoreDown) as refused:
        asked(closed)

    assert refused.value.retry_after_s == 1
    own_redis.start()
    clock.pass_s(PAUSE_S + 1)
    assert asked(closed) is True


def test_of_a_redis_that_hangs_one_call_in_a_pause_waits(
    opened: Limiter, own_redis: RedisServer, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(opened)
    tried: list[object] = []
    evaluated = RedisStore._evaluated

    def noted(self: RedisStore, words: object) -> list[int]:
        tried.append(words)
        return evaluated(self, words)  # type: ignore[arg-type]

    monkeypatch.setattr(RedisStore, "_evaluated", noted)
    assert own_redis.life is not None
    own_redis.life.send(signal.SIGSTOP)
    try:
        assert [asked(opened) for _ in range(50)] == [None] * 50
        assert len(tried) == 1
        clock.pass_s(PAUSE_S + 1)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: asked(opened), range(50))) == [None] * 50
        assert len(tried) == 2
    finally:
        own_redis.life.send(signal.SIGCONT)
    until(lambda: asked(opened) is not None, lambda: clock.pass_s(PAUSE_S + 1))


def test_a_redis_that_was_killed_and_started_again_is_used_again(
    opened: Limiter, own_redis: RedisServer, clock: HandClock
) -> None:
    asked(opened)
    assert own_redis.life is not None
    own_redis.life.send(signal.SIGKILL)
    own_redis.life.process.wait()
    assert asked(opened) is None
    own_redis.stop()

    own_redis.start()
    clock.pass_s(PAUSE_S + 1)

    assert [asked(opened) for _ in range(3)] == [True, True, False]


def test_a_redis_that_may_not_be_written_counts_as_down(
    opened: Limiter, own_redis: RedisServer, clock: HandClock
) -> None:
    client = client_of(own_redis.url, 5.0)
    client.config_set("maxmemory", "1")

    assert asked(opened) is None

    client.config_set("maxmemory", "0")
    clock.pass_s(PAUSE_S + 1)
    assert asked(opened) is True
    client.close()


def test_levels_can_be_shown_while_it_is_down(opened: Limiter, own_redis: RedisServer) -> None:
    own_redis.stop()

    (standing,) = opened.levels_of(ALICE)

    assert standing.remaining == 2
