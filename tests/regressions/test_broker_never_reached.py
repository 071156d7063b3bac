"""A process that never reached the broker heard an error of kombu's instead of LineDown.

oslo.messaging wraps what goes wrong on a connection that it had, and lets through what goes wrong
on the first one: callers that may go on without the bus took it for a bug of their own.
"""

from collections.abc import Iterator

import pytest
from oslo_config import cfg
from oslo_messaging import conffixture

from minicloud import conf as options
from minicloud.errors import LineDown
from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.line import Address
from minicloud.runtime import ports


@pytest.fixture
def line_to_nobody() -> Iterator[BrokerLine]:
    conf = options.register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    with conffixture.ConfFixture(conf, f"rabbit://a:b@{ports.LOOPBACK}:{ports.free_port()}/"):
        line = BrokerLine(conf)
        yield line
        line.close()


def test_a_cast_to_a_broker_never_reached_is_a_line_down(line_to_nobody: BrokerLine) -> None:
    with pytest.raises(LineDown):
        line_to_nobody.cast(Address("conductor", "1.0"), {}, "build_instances", uuids=[])
