"""A line within one process that loses, keeps back or refuses casts when told to."""

from collections.abc import Mapping
from typing import Any

from minicloud import errors
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.line import Address


class LossyLine(DirectLine):
    """`loses`: casts of these methods. `served` counts who began to serve."""

    def __init__(self) -> None:
        super().__init__()
        self.loses: set[str] = set()
        self.unanswered: set[str] = set()  # calls
        self.keeps = self.is_down = False
        self.kept: list[dict[str, Any]] = []
        self.served = 0

    def serve(self, topic: str, version: str, server: str, endpoint: object) -> Any:
        self.served += 1
        return super().serve(topic, version, server, endpoint)

    def call(
        self,
        to: Address,
        context: Mapping[str, Any],
        method: str,
        *,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        if method in self.unanswered:
            raise errors.CallTimeout(method, to.topic, timeout_s)
        return super().call(to, context, method, timeout_s=timeout_s, **arguments)

    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        if self.is_down:
            raise errors.LineDown("away")
        if self.keeps:
            self.kept.append(arguments)
        elif method not in self.loses:
            super().cast(to, context, method, **arguments)
