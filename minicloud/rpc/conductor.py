"""All that is ever said to a conductor.

1.0  build_instances, assignments, report
1.1  assignments tell what an action was asked for, and the state to rest in after it
1.2  what_if
1.3  pulse (pulse.py); a report tells whether its agent is deaf; enlist, resign; assignments and
     report tell the epochs of the hosts
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from minicloud.context import RequestContext, for_service
from minicloud.errors import PeerTooOld
from minicloud.rpc.line import Address, Line

TOPIC, VERSION = "conductor", "1.3"
Epochs = Mapping[str, int]


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
class Orders:
    """`of`: host -> what it must do. `stale`: host -> its epoch now, where that is not the one
    it asked in; such a host is told nothing."""

    of: Mapping[str, Sequence[Assignment]] = field(default_factory=dict)
    stale: Epochs = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """`gone`: host -> guests that are no longer its own: it may destroy these, and only these.
    `stale`: as in Orders; what such a host said was not heard."""

    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stale: Epochs = field(default_factory=dict)


class ConductorClient:
    def __init__(self, line: Line, timeout_s: float = 10.0, brief_s: float | None = None) -> None:
        """`brief_s`: for questions that are asked all the time and are quickly answered; one
        that gets lost at a conductor that is stopped must not hold up the next ones."""
        self._line, self._timeout_s = line, timeout_s
        self._brief_s = min(timeout_s, brief_s or timeout_s)

    def build_instances(self, context: RequestContext, uuids: Sequence[str]) -> None:
        """Ask for a look at these now; without it they fall due by themselves."""
        to = Address(TOPIC, "1.0")
        self._line.cast(to, context.to_dict(), "build_instances", uuids=list(uuids))

    def enlist(
        self,
        agent: str,
        hosts: Sequence[str],
        owner: Mapping[str, Any],
        instead_of: Sequence[str] = (),
    ) -> dict[str, int]:
        """Become the program that looks after these hosts: host -> epoch. NameTaken, PeerTooOld.

        `owner`: runtime.owner.Owner. `instead_of`: nonces of others that are known to have ended.
        """
        epochs: dict[str, int] = self._call(
            agent, "1.3", "enlist", hosts=list(hosts), owner=owner, instead_of=list(instead_of)
        )
        return epochs

    def resign(self, agent: str, hosts: Sequence[str], nonce: str) -> None:
        """The program ends: who comes next need not wait for it. Harmless if lost."""
        to, context = Address(TOPIC, "1.3"), for_service(agent).to_dict()
        self._line.cast(to, context, "resign", agent=agent, hosts=list(hosts), nonce=nonce)

    def leave(self, agent: str, hosts: Sequence[str], nonce: str) -> None:
        """The program is about to end: its hosts are down at once. Harmless if lost."""
        to, context = Address(TOPIC, "1.3"), for_service(agent).to_dict()
        self._line.cast(to, context, "leave", agent=agent, hosts=list(hosts), nonce=nonce)

    def assignments(
        self, agent: str, hosts: Sequence[str], *, everything: bool, epochs: Epochs | None = None
    ) -> Orders:
        """What each host must do, or (`everything`) all that is on it."""
        asked: dict[str, Any] = {"hosts": list(hosts), "everything": everything}
        asked["timeout_s"] = self._timeout_s if everything else self._brief_s
        if epochs:
            with suppress(PeerTooOld):
                told = self._call(agent, "1.3", "assignments", **asked, epochs=dict(epochs))
                return Orders(_assigned(told["of"]), told["stale"])
        return Orders(_assigned(self._call(agent, "1.1", "assignments", **asked)))

    def report(
        self,
        agent: str,
        reports: Sequence[HostReport],
        epochs: Epochs | None = None,
        *,
        deaf: bool = False,
    ) -> Answer:
        """Tell what the hosts see.

        It also keeps them in the service group, unless the agent is deaf: what it sent to itself
        did not arrive, so nothing that others send would.
        """
        told: dict[str, Any] = {"reports": [_message(report) for report in reports]}
        is_long = any(r.inventory is not None or r.guests is not None for r in reports)
        told["timeout_s"] = self._timeout_s if is_long else self._brief_s
        more: dict[str, Any] = {"epochs": dict(epochs)} if epochs else {}
        if not more and not deaf:
            return Answer(**self._call(agent, "1.0", "report", **told))
        try:
            answer = self._call(agent, "1.3", "report", **told, **more, deaf=deaf)
        except PeerTooOld:
            if deaf:  # one that knows of no deafness would take it for a sign of life
                raise
            answer = self._call(agent, "1.0", "report", **told)
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

    def _call(
        self,
        agent: str,
        version: str,
        method: str,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        return self._line.call(
            Address(TOPIC, version),
            for_service(agent).to_dict(),
            method,
            timeout_s=timeout_s or self._timeout_s,
            agent=agent,
            **arguments,
        )


class ConductorCalls(Protocol):
    """What a conductor does when spoken to."""

    def wake(self, uuids: Sequence[str]) -> None: ...

    def enlist(
        self,
        agent: str,
        hosts: Sequence[str],
        owner: Mapping[str, Any],
        instead_of: Sequence[str],
    ) -> Mapping[str, int]: ...

    def leave(self, agent: str, hosts: Sequence[str], nonce: str) -> None: ...

    def resign(self, agent: str, hosts: Sequence[str], nonce: str) -> None: ...

    def assignments(
        self, agent: str, hosts: Sequence[str], everything: bool, epochs: Epochs
    ) -> Orders: ...

    def report(
        self, agent: str, reports: Sequence[HostReport], epochs: Epochs, *, deaf: bool = False
    ) -> Answer: ...

    def what_if(
        self, context: RequestContext, instance: Mapping[str, Any], count: int, tell: int
    ) -> Mapping[str, Any]: ...


class ConductorEndpoint:
    def __init__(self, conductor: ConductorCalls) -> None:
        self._conductor = conductor

    def build_instances(self, context: dict[str, Any], uuids: list[str]) -> None:
        self._conductor.wake(uuids)

    def enlist(
        self,
        context: dict[str, Any],
        agent: str,
        hosts: list[str],
        owner: dict[str, Any],
        instead_of: list[str],
    ) -> dict[str, int]:
        return dict(self._conductor.enlist(agent, hosts, owner, instead_of))

    def leave(self, context: dict[str, Any], agent: str, hosts: list[str], nonce: str) -> None:
        self._conductor.leave(agent, hosts, nonce)

    def resign(self, context: dict[str, Any], agent: str, hosts: list[str], nonce: str) -> None:
        self._conductor.resign(agent, hosts, nonce)

    def assignments(
        self,
        context: dict[str, Any],
        agent: str,
        hosts: list[str],
        everything: bool,
        epochs: dict[str, int] | None = None,
    ) -> dict[str, Any]:
        """Without epochs the answer is as it was before 1.3."""
        orders = self._conductor.assignments(agent, hosts, everything, epochs or {})
        of = {host: [vars(a) for a in rows] for host, rows in orders.of.items()}
        return of if epochs is None else {"of": of, "stale": dict(orders.stale)}

    def report(
        self,
        context: dict[str, Any],
        agent: str,
        reports: list[dict[str, Any]],
        epochs: dict[str, int] | None = None,
        deaf: bool = False,
    ) -> dict[str, Any]:
        """Without epochs the answer is as it was before 1.3."""
        heard = [_host_report(report) for report in reports]
        answer = self._conductor.report(agent, heard, epochs or {}, deaf=deaf)
        return {"gone": answer.gone} if epochs is None else vars(answer)

    def what_if(
        self, context: dict[str, Any], instance: dict[str, Any], count: int, tell: int
    ) -> dict[str, Any]:
        caller = RequestContext.from_message(context)
        return dict(self._conductor.what_if(caller, instance, count, tell))


def _assigned(told: Mapping[str, Any]) -> dict[str, list[Assignment]]:
    return {host: [Assignment(**a) for a in rows] for host, rows in told.items()}


def _message(report: HostReport) -> dict[str, Any]:
    return {**vars(report), "sightings": [vars(sighting) for sighting in report.sightings]}


def _host_report(values: Mapping[str, Any]) -> HostReport:
    sightings = tuple(Sighting(**sighting) for sighting in values["sightings"])
    return HostReport(**{**values, "sightings": sightings})
