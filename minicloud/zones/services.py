"""What API handlers ask of a zone to change and remove the programs that make it up."""

from collections.abc import Mapping
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.db.models import Service


class Services(Protocol):
    """Lists of them are `Hosts.services`."""

    def find(self, context: RequestContext, ref: str) -> Service:
        """By number or uuid. ServiceNotFound."""

    def named(self, context: RequestContext, host: str, binary: str) -> Service:
        """BinaryNotFound."""

    def change(self, context: RequestContext, service: Service, facts: Mapping[str, Any]) -> None:
        """Set disabled, disabled_reason, forced_down.

        BadRequest unless it is a compute host's, and while it may not be called up again.
        """

    def remove(self, context: RequestContext, service: Service) -> None:
        """With the host's node and its places in aggregates. Conflict while it is needed."""
