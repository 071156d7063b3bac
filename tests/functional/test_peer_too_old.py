"""Over oslo.messaging: a service of the release before says so, in words that can be acted on."""

import pytest
from oslo_messaging import conffixture

from minicloud.errors import PeerTooOld
from minicloud.rpc.broker import BrokerLine
from minicloud.rpc.line import Address
from tests.options import defaults


class Old:
    def greet(self, context: object) -> str:
        return "hello"


@pytest.mark.parametrize("kind", ["fake", "rabbitmq"])
def test_who_asks_for_a_later_version_is_told_that_it_is_not_spoken(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = "fake://" if kind == "fake" else request.getfixturevalue("rabbitmq").url
    conf = defaults()
    with conffixture.ConfFixture(conf, url):
        line = BrokerLine(conf)
        served = line.serve("old", "1.2", "old-1", Old())
        try:
            assert line.call(Address("old", "1.2"), {}, "greet") == "hello"
            with pytest.raises(PeerTooOld, match=r"old does not speak version 1\.3 yet"):
                line.call(Address("old", "1.3"), {}, "greet")
        finally:
            served.stop()
            line.close()
