"""A handler that is busy for long is no reason to lose the connection to the broker."""

import time
from collections.abc import Iterator

import pytest
from oslo_messaging import conffixture

from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.line import Address
from minicloud.runtime.servers.rabbitmq import RabbitMQ
from tests.options import defaults

HEARTBEAT_S = 2
BUSY_S = 4 * HEARTBEAT_S  # the broker closes what is silent for two intervals


class Busy:
    """Works without ever waiting, as a scheduler with too many hosts would."""

    def work(self, context: dict[str, object], seconds: float) -> int:
        until, rounds = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            rounds += 1
        return rounds


@pytest.fixture
def line(rabbitmq: RabbitMQ) -> Iterator[BrokerLine]:
    conf = defaults()
    with conffixture.ConfFixture(conf, rabbitmq.url):
        made = BrokerLine(conf)
        conf.set_override("heartbeat_timeout_threshold", HEARTBEAT_S, "oslo_messaging_rabbit")
        conf.set_override("heartbeat_rate", 2, "oslo_messaging_rabbit")
        yield made
        made.close()


def test_the_heartbeat_goes_on_while_a_handler_is_busy(
    line: BrokerLine, rabbitmq: RabbitMQ
) -> None:
    served = line.serve("busy", "1.0", "busy-1", Busy())
    try:
        line.call(Address("busy", "1.0"), {}, "work", timeout_s=60.0, seconds=0.1)
        before = _connections(rabbitmq)

        rounds = line.call(Address("busy", "1.0"), {}, "work", timeout_s=60.0, seconds=BUSY_S)

        assert rounds > 0
        assert before
        assert before <= _connections(rabbitmq), "one was closed and opened again"
    finally:
        served.stop()


def _connections(rabbitmq: RabbitMQ) -> set[str]:
    """The connections with our heartbeat, by their ports."""
    words = ("list_connections", "-q", "--no-table-headers", "name", "timeout")
    lines = [line.split("\t") for line in rabbitmq.control(*words).splitlines()]
    return {name for name, timeout in lines if timeout == str(HEARTBEAT_S)}
