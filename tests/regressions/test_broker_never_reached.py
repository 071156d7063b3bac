"""A process that never reached the broker heard an error of kombu's instead of LineDown.

oslo.messaging wraps what goes wrong on a connection that it had, and lets through what goes wrong
on the first one: callers that may go on without the bus took it for a bug of their own.
"""

import subprocess
import sys
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


_CALL_TWICE = """
import sys
from oslo_config import cfg
from oslo_messaging import conffixture
from minicloud import conf as options
from minicloud.errors import Unavailable
from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.line import Address

conf = options.register_opts(cfg.CONF)
conf([], default_config_files=[], default_config_dirs=[])
conffixture.ConfFixture(conf, sys.argv[1]).__enter__()
line = BrokerLine(conf)
for _ in range(2):
    try:
        line.call(Address("conductor", "1.0"), {}, "assignments", timeout_s=1.0)
    except Unavailable:
        print("unavailable")
line.close()
"""


def test_a_call_to_a_broker_never_reached_ends() -> None:
    """In a process of its own: the thread that waits for the broker outlives the call."""
    url = f"rabbit://a:b@{ports.LOOPBACK}:{ports.free_port()}/"

    done = subprocess.run(
        [sys.executable, "-c", _CALL_TWICE, url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stdout.split() == ["unavailable", "unavailable"], done.stderr
