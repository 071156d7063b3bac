"""What would become of instances: decided on a copy of the table, and claimed nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from minicloud.rpc.scheduler import Question
from minicloud.runtime.dice import Dice
from minicloud.scheduler.explain import Refusal
from minicloud.scheduler.fits import Fits, fits, with_members
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, choose, finalists

_MOST_BEST: Final = 1_000  # equally good hosts that are named


@dataclass(frozen=True)
class Prospect:
    """`hosts`: one for each instance, in order; none when one of them is `refused`.

    `best`: the hosts that would do equally well for the first one.
    """

    hosts: Sequence[str]
    best: Sequence[str]
    refused: Refusal | None
    fits: Fits

    def to_dict(self) -> dict[str, Any]:
        refused = self.refused.to_dict() if self.refused else None
        return {
            "hosts": list(self.hosts),
            "best": list(self.best),
            "refused": refused,
            "fits": asdict(self.fits),
        }


def prospect(table: HostTable, question: Question, rules: Rules, dice: Dice) -> Prospect:
    """`table` stays as it is."""
    start = table.copy()
    request = _request(question)
    if question.leaves is not None:
        _leave(start, question.leaves, request)
    best = [start.names[place] for place in finalists(start, request, rules)[:_MOST_BEST]]
    chosen, refused = _chosen(start.copy(), request, question.count, rules, dice)
    return Prospect(chosen, best, refused, fits(start, request, rules))


def _request(question: Question) -> Request:
    spec: Mapping[str, Any] = question.request_spec
    uuid = str(spec["instance_properties"]["uuid"])
    return Request.of(uuid, spec, question.filter_properties)


def _leave(table: HostTable, host: str, request: Request) -> None:
    place = table.place_of(host)
    if place is not None:
        table.give_back(place, request)


def _chosen(
    table: HostTable, request: Request, count: int, rules: Rules, dice: Dice
) -> tuple[list[str], Refusal | None]:
    """All of them or none, one after the other as in a request for so many."""
    hosts: list[str] = []
    for _number in range(count):
        place = choose(table, request, rules, dice)
        if isinstance(place, Refusal):
            return [], place
        if not table.room_for(request)[place]:
            return [], _full(table, request)
        table.take(place, request)
        hosts.append(table.names[place])
        if request.group_policy is not None:
            request = with_members(request, hosts[-1:])
    return hosts, None


def _full(table: HostTable, request: Request) -> Refusal:
    """No filter minds, since none was asked; the claim would."""
    counts = {"force_hosts": len(table) - 1, "claim": 1}
    return Refusal(len(table), {name: count for name, count in counts.items() if count})
