"""The networks that servers of a zone can be on."""

from collections.abc import Sequence
from typing import Protocol

from minicloud.conf.network import Network
from minicloud.context import RequestContext


class Networks(Protocol):
    def list(self, context: RequestContext) -> Sequence[Network]: ...

    def show(self, context: RequestContext, ref: str) -> Network:
        """NetworkNotFound."""
