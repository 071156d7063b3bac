"""All that is ever said to a scheduler.

1.0  select_destinations
1.1  what_if
1.2  pulse (pulse.py)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.rpc.line import Address, Line

TOPIC, VERSION = "scheduler", "1.2"


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


@dataclass(frozen=True)
class Question:
    """What would become of `count` such instances if they were wanted now.

    `leaves`: the host on which the instance is counted already; its room there is taken as free.
    `tell`: of how many hosts, one by one.
    """

    request_spec: Mapping[str, Any]
    filter_properties: Mapping[str, Any]
    count: int = 1
    leaves: str | None = None
    tell: int = 100


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

    def what_if(self, context: RequestContext, question: Question) -> dict[str, Any]:
        """scheduler.what_if.Prospect as a dictionary; nothing is claimed."""
        told: dict[str, Any] = self._line.call(
            Address(TOPIC, "1.1"),
            context.to_dict(),
            "what_if",
            timeout_s=self._timeout_s,
            question=vars(question),
        )
        return told


class SchedulerCalls(Protocol):
    """What a scheduler does when spoken to."""

    def select_destinations(
        self, context: RequestContext, wanted: Sequence[Wanted]
    ) -> Sequence[Verdict]: ...

    def what_if(self, question: Question) -> Mapping[str, Any]: ...


class SchedulerEndpoint:
    def __init__(self, scheduler: SchedulerCalls) -> None:
        self._scheduler = scheduler

    def select_destinations(
        self, context: dict[str, Any], wanted: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        caller = RequestContext.from_message(context)
        verdicts = self._scheduler.select_destinations(caller, [Wanted(**w) for w in wanted])
        return [vars(verdict) for verdict in verdicts]

    def what_if(self, context: dict[str, Any], question: dict[str, Any]) -> dict[str, Any]:
        RequestContext.from_message(context)
        return dict(self._scheduler.what_if(Question(**question)))
