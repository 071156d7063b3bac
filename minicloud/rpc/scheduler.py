"""All that is ever said to a scheduler.    1.0  select_destinations"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.rpc.line import Address, Line

TOPIC, VERSION = "scheduler", "1.0"


@dataclass(frozen=True)
class Wanted:
    """One instance that needs a host, at the generation that the conductor saw."""

    uuid: str
    generation: int
    request_id: str | None
    request_spec: Mapping[str, Any]
    filter_properties: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """`host` when it was placed (and claimed there); `refused` when no host fits.

    Neither: it was changed meanwhile, or lost a race and is to be asked for again.
    `refused` is explain.Refusal as a dictionary: the sentence, and counts by filter.
    """

    uuid: str
    host: str | None = None
    refused: Mapping[str, Any] | None = None


class SchedulerClient:
    def __init__(self, line: Line, timeout_s: float = 10.0) -> None:
        self._line, self._timeout_s = line, timeout_s

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> list[Verdict]:
        verdicts = self._line.call(
            Address(TOPIC, "1.0"),
            context.to_dict(),
            "select_destinations",
            timeout_s=self._timeout_s,
            wanted=[vars(w) for w in wanted],
        )
        return [Verdict(**verdict) for verdict in verdicts]


class SchedulerCalls(Protocol):
    """What a scheduler does when spoken to."""

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> Sequence[Verdict]: ...


class SchedulerEndpoint:
    def __init__(self, scheduler: SchedulerCalls) -> None:
        self._scheduler = scheduler

    def select_destinations(
        self, context: dict[str, Any], wanted: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        caller = RequestContext.from_message(context)
        verdicts = self._scheduler.select_destinations(caller, [Wanted(**w) for w in wanted])
        return [vars(verdict) for verdict in verdicts]
