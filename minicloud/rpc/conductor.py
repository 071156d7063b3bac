"""All that is ever said to a conductor.

1.0  build_instances, assignments, report
1.1  assignments tell what an action was asked for, and the state to rest in after it
1.2  what_if
1.3  pulse (pulse.py); a report tells whether its agent is deaf
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from minicloud.context import RequestContext, for_service
from minicloud.rpc.line import Address, Line

TOPIC, VERSION = "conductor", "1.3"


@dataclass(frozen=True)
class Assignment:
    """What a host must look after: an instance, as the database wants it."""

    uuid: str
    generation: int
    vm_state: str
    task_state: str | None
    name: str
    flavor: Mapping[str, Any]
    image: str | None
    meta: Mapping[str, str]
    project_id: str
    user_id: str
    request_id: str | None
    old_vm_state: str | None = None
    parameters: Mapping[str, Any] | None = None  # of the action under way


@dataclass(frozen=True)
class Sighting:
    """What a host sees of an instance that it was assigned at `generation`.

    `done`: the goal of the task is reached. `error`: why it cannot be reached. `rescue`: whether
    the guest runs from its rescue disk.
    """

    uuid: str
    generation: int
    power: int
    done: bool
    error: str | None = None
    rescue: bool = False


@dataclass(frozen=True)
class HostReport:
    """`guests`: every guest on the host, when it looked at all of it; otherwise None."""

    host: str
    sightings: Sequence[Sighting] = ()
    guests: Sequence[str] | None = None
    inventory: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """host -> guests that are no longer its own: it may destroy these, and only these."""

    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)


class ConductorClient:
    def __init__(self, line: Line, timeout_s: float = 10.0) -> None:
        self._line, self._timeout_s = line, timeout_s

    def build_instances(self, context: RequestContext, uuids: Sequence[str]) -> None:
        """Ask for a look at these now; without it they fall due by themselves."""
        to = Address(TOPIC, "1.0")
        self._line.cast(to, context.to_dict(), "build_instances", uuids=list(uuids))

    def assignments(
        self, agent: str, hosts: Sequence[str], *, everything: bool
    ) -> dict[str, list[Assignment]]:
        """host -> what it must do, or (`everything`) all that is on it."""
        found = self._line.call(
            Address(TOPIC, "1.1"),
            for_service(agent).to_dict(),
            "assignments",
            timeout_s=self._timeout_s,
            agent=agent,
            hosts=list(hosts),
            everything=everything,
        )
        return {host: [Assignment(**a) for a in rows] for host, rows in found.items()}

    def report(self, agent: str, reports: Sequence[HostReport], *, deaf: bool = False) -> Answer:
        """Tell what the hosts see.

        It also keeps them in the service group, unless the agent is deaf: what it sent to itself
        did not arrive, so nothing that others send would.
        """
        answer = self._line.call(
            Address(TOPIC, "1.3" if deaf else "1.0"),
            for_service(agent).to_dict(),
            "report",
            timeout_s=self._timeout_s,
            agent=agent,
            reports=[_message(report) for report in reports],
            **({"deaf": True} if deaf else {}),
        )
        return Answer(**answer)

    def what_if(
        self, context: RequestContext, instance: Mapping[str, Any], count: int, tell: int
    ) -> dict[str, Any]:
        """What would become of `count` such instances if they were wanted now.

        `instance`: the columns of db.instances.PLACED. With a host it is there already: the
        question is where it would go if it were not. The answer is that of the scheduler, who
        tells of so many hosts one by one.
        """
        told: dict[str, Any] = self._line.call(
            Address(TOPIC, "1.2"),
            context.to_dict(),
            "what_if",
            timeout_s=self._timeout_s,
            instance=instance,
            count=count,
            tell=tell,
        )
        return told


class ConductorCalls(Protocol):
    """What a conductor does when spoken to."""

    def wake(self, uuids: Sequence[str]) -> None: ...

    def assignments(
        self, agent: str, hosts: Sequence[str], everything: bool
    ) -> Mapping[str, Sequence[Assignment]]: ...

    def report(
        self, agent: str, reports: Sequence[HostReport], *, deaf: bool = False
    ) -> Answer: ...

    def what_if(
        self, context: RequestContext, instance: Mapping[str, Any], count: int, tell: int
    ) -> Mapping[str, Any]: ...


class ConductorEndpoint:
    def __init__(self, conductor: ConductorCalls) -> None:
        self._conductor = conductor

    def build_instances(self, context: dict[str, Any], uuids: list[str]) -> None:
        self._conductor.wake(uuids)

    def assignments(
        self, context: dict[str, Any], agent: str, hosts: list[str], everything: bool
    ) -> dict[str, Any]:
        found = self._conductor.assignments(agent, hosts, everything)
        return {host: [vars(a) for a in rows] for host, rows in found.items()}

    def report(
        self,
        context: dict[str, Any],
        agent: str,
        reports: list[dict[str, Any]],
        deaf: bool = False,
    ) -> dict[str, Any]:
        told = [_host_report(r) for r in reports]
        return vars(self._conductor.report(agent, told, deaf=deaf))

    def what_if(
        self, context: dict[str, Any], instance: dict[str, Any], count: int, tell: int
    ) -> dict[str, Any]:
        caller = RequestContext.from_message(context)
        return dict(self._conductor.what_if(caller, instance, count, tell))


def _message(report: HostReport) -> dict[str, Any]:
    return {**vars(report), "sightings": [vars(sighting) for sighting in report.sightings]}


def _host_report(values: Mapping[str, Any]) -> HostReport:
    sightings = tuple(Sighting(**sighting) for sighting in values["sightings"])
    return HostReport(**{**values, "sightings": sightings})
