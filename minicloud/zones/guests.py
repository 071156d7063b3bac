"""Where servers are: what an administrator may ask of the hosts' side of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from minicloud.context import RequestContext
from minicloud.db.models import ComputeNode, Instance


class Guests(Protocol):
    def hosts_of(self, context: RequestContext, uuids: Sequence[str]) -> Mapping[str, str | None]:
        """The host of each of these that is there; None while it has none."""

    def node_of(self, context: RequestContext, server: Instance) -> ComputeNode:
        """The hypervisor that it is on. InstanceNotReady."""
