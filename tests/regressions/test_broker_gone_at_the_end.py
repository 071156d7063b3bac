"""A program that was told to end while the broker was away waited for it for ever.

Closing its connections, oslo.messaging joins the threads that try to reach the broker again, and
they do so until they do.
"""

import threading

import pytest
from oslo_messaging import conffixture

from minicloud.rpc import broker
from minicloud.rpc.broker import BrokerLine
from tests.options import defaults

_PATIENCE_S = 60.0


def test_a_line_closes_though_its_connections_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_CLOSING_S", 0.1)
    conf, broker_is_back = defaults(), threading.Event()
    with conffixture.ConfFixture(conf, "fake:/"):
        line = BrokerLine(conf)
        monkeypatch.setattr(line._transport, "cleanup", broker_is_back.wait)
        closing = threading.Thread(target=line.close, daemon=True)

        closing.start()
        closing.join(_PATIENCE_S)

        assert not closing.is_alive()
        broker_is_back.set()
