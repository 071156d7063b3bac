"""Over oslo.messaging: a refusal is an answer, and leaves no traceback behind."""

import logging

import pytest
from oslo_messaging import conffixture

from minicloud.errors import NameTaken, RemoteFault
from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.line import Address
from tests.options import defaults


class Choosy:
    def enlist(self, context: object) -> None:
        raise NameTaken("node1", "another")

    def stumble(self, context: object) -> None:
        raise ValueError("a bug")


def test_a_refusal_is_heard_by_the_caller_and_logs_no_traceback_where_it_is_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    conf = defaults()
    with conffixture.ConfFixture(conf, "fake://"):
        line = BrokerLine(conf)
        served = line.serve("choosy", "1.0", "choosy-1", Choosy())
        try:
            with (
                caplog.at_level(logging.INFO),
                pytest.raises(Exception, match="served by another"),
            ):
                line.call(Address("choosy", "1.0"), {}, "enlist")
            refused = [record for record in caplog.records if record.exc_info]
            with pytest.raises((RemoteFault, ValueError)):
                line.call(Address("choosy", "1.0"), {}, "stumble")
        finally:
            served.stop()
            line.close()
    assert not refused
    assert any(record.exc_info for record in caplog.records), "a bug must leave one"
