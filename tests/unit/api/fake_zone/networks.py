"""Networks."""

from collections.abc import Sequence

from minicloud import errors
from minicloud.conf.network import Network
from minicloud.context import RequestContext


class FakeNetworks:
    """None at all; tests/functional/test_networks.py has some."""

    def list(self, context: RequestContext) -> Sequence[Network]:
        return []

    def show(self, context: RequestContext, ref: str) -> Network:
        raise errors.NetworkNotFound(ref)
