"""A Redis whose time of day is set an hour ahead or back, as a reader sees it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup import stores
from minicloud.servicegroup.entry import Entry
from minicloud.servicegroup.stores.base import Store
from minicloud.servicegroup.view import View
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.servers import Servers

GROUP, TTL_S, HOUR_S = "clock-test", 10.0, 3600
HOST = Entry({"node1": 1}, "owner", "nonce")


class Redis:
    """A writer, a reader with a clock of its own, and what the hour does to the keys."""

    def __init__(self, servers: Servers, rest: ExitStack) -> None:
        conf = defaults()
        conf.set_override("driver", servers.get("redis").url, "servicegroup")
        conf.set_override("service_down_time_s", TTL_S, "servicegroup")
        conf.set_override("report_interval_s", 1.0, "servicegroup")
        self.clock, self.set_by = HandClock(), 0
        self.writer = stores.connect(conf, SystemClock())
        self.reader = stores.connect(conf, self.clock)
        for store in (self.writer, self.reader):
            rest.callback(store.close)
        rest.callback(lambda: self.writer.withdraw(GROUP, "node1", HOST))
        self.writer.claim(GROUP, "node1", HOST)
        self.view = View(TTL_S)
        self._told = self.reader._time.told  # type: ignore[attr-defined]
        self.reader._time.told = self._shifted  # type: ignore[attr-defined]

    def look(self) -> frozenset[str]:
        now = self.clock.monotonic()
        self.view.looked(now, self.reader.read(GROUP))
        return self.view.alive

    def _shifted(self, _server_s: float, asked: float, answered: float) -> None:
        self._told(asked + self.set_by, asked, answered)


@pytest.fixture
def redis(servers: Servers) -> Iterator[Redis]:
    with ExitStack() as rest:
        yield Redis(servers, rest)


def _beat_key(store: Store) -> bytes:
    key: bytes = store._keys(GROUP, store.key(GROUP, "node1"))[1]  # type: ignore[attr-defined]
    return key


def test_an_hour_ahead_takes_nobody_down(redis: Redis) -> None:
    before = redis.look()

    redis.clock.pass_s(1)
    redis.set_by += HOUR_S
    redis.writer.coordinator._client.delete(_beat_key(redis.writer))
    after = redis.look()
    redis.clock.pass_s(1)
    redis.writer.claim(GROUP, "node1", HOST)

    assert before == after == redis.look() == {"node1"}


def test_an_hour_back_keeps_nobody_alive_who_is_dead(redis: Redis) -> None:
    before = redis.look()

    redis.clock.pass_s(1)
    redis.set_by -= HOUR_S
    redis.writer.coordinator._client.expire(_beat_key(redis.writer), HOUR_S)
    after = redis.look()
    seen = []
    for _ in range(3 * int(TTL_S)):
        redis.clock.pass_s(1)
        seen.append(redis.look())

    assert before == after == {"node1"}
    assert seen[-1] == frozenset()


def test_an_hour_back_takes_nobody_down_who_renews(redis: Redis) -> None:
    redis.look()
    redis.clock.pass_s(1)
    redis.set_by -= HOUR_S
    redis.writer.coordinator._client.expire(_beat_key(redis.writer), HOUR_S)

    seen = []
    for _ in range(3 * int(TTL_S)):
        redis.clock.pass_s(1)
        redis.writer.refresh(GROUP, "node1", HOST, TTL_S)
        seen.append(redis.look())

    assert set(seen) == {frozenset({"node1"})}
