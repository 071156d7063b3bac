"""All that is ever said to a compute agent.

1.0  wake, console_output
1.1  pulse (pulse.py)
"""

from collections.abc import Sequence
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.rpc.line import Address, Line

TOPIC, VERSION = "compute", "1.1"


class ComputeClient:
    def __init__(self, line: Line, timeout_s: float = 10.0) -> None:
        self._line, self._timeout_s = line, timeout_s

    def wake(self, context: RequestContext, agent: str, hosts: Sequence[str]) -> None:
        """Ask for a look at these hosts now; harmless if lost."""
        to = Address(TOPIC, "1.0", agent)
        self._line.cast(to, context.to_dict(), "wake", hosts=list(hosts))

    def console_output(
        self, context: RequestContext, agent: str, host: str, uuid: str, lines: int | None
    ) -> str:
        """The last lines of a guest's console. ConsoleLogNotFound."""
        output = self._line.call(
            Address(TOPIC, "1.0", agent),
            context.to_dict(),
            "console_output",
            timeout_s=self._timeout_s,
            host=host,
            uuid=uuid,
            lines=lines,
        )
        return str(output)


class ComputeCalls(Protocol):
    """What a compute agent does when spoken to."""

    def wake(self, hosts: Sequence[str]) -> None: ...

    def console_output(self, host: str, uuid: str, lines: int | None) -> str: ...


class ComputeEndpoint:
    def __init__(self, compute: ComputeCalls) -> None:
        self._compute = compute

    def wake(self, context: dict[str, Any], hosts: list[str]) -> None:
        self._compute.wake(hosts)

    def console_output(
        self, context: dict[str, Any], host: str, uuid: str, lines: int | None
    ) -> str:
        RequestContext.from_message(context)
        return self._compute.console_output(host, uuid, lines)
