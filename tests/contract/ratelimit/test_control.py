"""What API processes hear on the channel of Redis, and what they notice without it."""

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.client import PubSub

from minicloud.api.ratelimit.control import KEPT_ERRORS, ControlChannel, errors_of
from minicloud.api.ratelimit.redis_source import RedisSource, RedisTable
from minicloud.api.ratelimit.redis_store import client_of
from minicloud.runtime import dice
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis as RedisServer
from tests.contract.ratelimit.test_redis_source import table, value
from tests.waiting import until


class Process:
    """An API process's end of the channel; its thread is the test's."""

    def __init__(self, client: Redis, name: str, node: str = "api-1", looks: bool = True) -> None:
        self.client, self.name = client, name
        self.source = RedisSource(RedisTable(client, f"{name}:limits"), "redis", lambda: table(10))
        self.source.refresh()
        self.control = ControlChannel(client, self.source, name, node, SystemClock(), dice.new(1))
        until(lambda: client.pubsub_numsub(name)[0][1], self.control.step)

    def hears(self, text: str | bytes) -> None:
        self.client.publish(self.name, text)
        self.control.step()


class Listener:
    """An operator's end."""

    def __init__(self, client: Redis, channel: str) -> None:
        self._pubsub: PubSub = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._pubsub.subscribe(channel)
        self._pubsub.get_message(timeout=5.0)

    def next(self) -> str:
        message = self._pubsub.get_message(timeout=5.0)
        assert message is not None, "nobody answers"
        return str(message["data"].decode())


@pytest.fixture
def process(client: Redis, name: str) -> Iterator[Process]:
    made = Process(client, name)
    yield made
    made.control.close()


@pytest.fixture
def listener(client: Redis, name: str) -> Listener:
    return Listener(client, f"{name}-replies")


@pytest.fixture
def complaints(client: Redis, name: str) -> Listener:
    return Listener(client, errors_of(name))


def change_without_a_version(process: Process) -> None:
    key = f"{process.name}:limits"
    client = process.client
    client.eval(
        "local text = redis.call('HGET', KEYS[1], 'table') "
        "redis.call('HSET', KEYS[1], 'table', (text:gsub('10', '11')))",
        1,
        key,
    )


def kept_errors(process: Process) -> list[str]:
    lines: list[Any] = process.client.zrange(errors_of(process.name), 0, -1)
    return [line.decode() for line in lines]


def test_a_ping_is_answered_with_the_node(process: Process, listener: Listener, name: str) -> None:
    process.hears(f"ping:{name}-replies")
    assert listener.next() == "pong:api-1"

    process.hears(f"ping:{name}-replies:a:b")
    assert listener.next() == "pong:api-1:a:b"


def test_the_version_is_told(process: Process, listener: Listener, name: str) -> None:
    process.hears(f"state:{name}-replies:x")

    assert listener.next() == f"state:api-1:{process.source.version}:x"


def test_a_colon_in_a_nodes_name_leaves_answers_readable(
    client: Redis, listener: Listener, name: str
) -> None:
    process = Process(client, name, "[::1]/7")

    process.hears(f"ping:{name}-replies:data")

    assert listener.next() == "pong:[__1]/7:data"


def test_a_change_is_noticed_without_a_message(process: Process) -> None:
    RedisTable(process.client, f"{process.name}:limits").replace(1000, table(20))

    until(lambda: value(process.source) == 20, process.control.step)


@pytest.mark.parametrize("command", ["reload", "reload:immediate", "reload:spread:0.01"])
def test_reload_reads_even_what_has_the_same_version(process: Process, command: str) -> None:
    change_without_a_version(process)

    process.hears(command)

    until(lambda: value(process.source) == 11, process.control.step)


def test_a_spread_reload_comes_at_a_moment_of_its_own(process: Process) -> None:
    change_without_a_version(process)

    process.hears("reload:spread:3600")
    process.control.step()

    assert value(process.source) == 10


@pytest.mark.parametrize(
    "command",
    [
        "_obey:ping",
        "__init__",
        "close",
        "",
        ":",
        "PING:x",
        "ping",
        "ping:",
        "reload:soon",
        "reload:spread",
        "reload:spread:",
        "reload:spread:-1",
        "reload:spread:nan",
        "reload:spread:1e99",
        b"\xff\xfe\x00",
        "x" * 100_000,
    ],
)
def test_what_cannot_be_obeyed_is_told_and_kept(
    process: Process, complaints: Listener, command: str | bytes
) -> None:
    process.hears(command)

    said = complaints.next()
    assert said.startswith("api-1: ")
    assert len(said) < 300
    assert kept_errors(process) == [said]


def test_the_newest_errors_are_kept_and_no_more(process: Process) -> None:
    for number in range(KEPT_ERRORS + 20):
        process.hears(f"command-{number}")

    kept = kept_errors(process)
    assert len(kept) == KEPT_ERRORS
    assert f"'command-{KEPT_ERRORS + 19}'" in kept[-1]


def test_a_table_that_cannot_be_read_is_told_once(process: Process, complaints: Listener) -> None:
    process.client.hset(f"{process.name}:limits", mapping={"version": 2000, "table": "{"})

    until(lambda: process.source.problem, process.control.step)

    assert "version 2000" in complaints.next()
    process.control.step()
    process.hears("nonsense")
    assert "nonsense" in complaints.next()
    assert value(process.source) == 10


def test_the_channel_survives_a_redis_that_goes_and_comes_back(
    own_redis: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(own_redis.url, 1.0)
    process = Process(client, name)
    RedisTable(client, f"{name}:limits").replace(1000, table(20))
    until(lambda: value(process.source) == 20, process.control.step)

    own_redis.stop()
    for _ in range(3):
        process.control.step()
    own_redis.start()
    other = client_of(own_redis.url, 5.0)
    other.flushall()
    until(lambda: other.pubsub_numsub(name)[0][1], process.control.step)

    listener = Listener(other, f"{name}-replies")
    other.publish(name, f"ping:{name}-replies")
    process.control.step()
    assert listener.next() == "pong:api-1"
    until(lambda: RedisTable(other, f"{name}:limits").read() is not None, process.control.step)
    assert value(process.source) == 20
    assert sum("is away" in line for line in caplog.messages) == 1
    assert sum("is back" in line for line in caplog.messages) == 1
    process.control.close()
    client.close()
    other.close()
