"""How services speak to one another, whatever carries it.

A message says "look now"; it may be lost, doubled or late. A `call` waits for an answer, a `cast`
does not. What carries them: direct.py (one process), broker.py (RabbitMQ), or a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Address:
    """Whom to reach: any server of a topic, or the one named `server`, at least at `version`."""

    topic: str
    version: str
    server: str | None = None


class Line(Protocol):
    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        """Send and go on. LineDown when the bus cannot be reached now."""

    def call(
        self,
        to: Address,
        context: Mapping[str, Any],
        method: str,
        *,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        """Send and wait for the answer. CallTimeout, LineDown, PeerTooOld, or the error of the
        far side."""

    def serve(self, topic: str, version: str, server: str, endpoint: object) -> "Served":
        """Answer what arrives for `topic` and for `server` with the methods of `endpoint`."""


class Served(Protocol):
    def stop(self) -> None:
        """Take nothing new, finish what is under way."""
