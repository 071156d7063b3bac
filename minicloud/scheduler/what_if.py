"""What would become of instances: decided on a copy of the table, and claimed nowhere."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from minicloud.db.group_places import Company
from minicloud.db.models import ServerGroup
from minicloud.rpc.scheduler import Question, Wanted
from minicloud.runtime.dice import Dice
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.companions import Companions
from minicloud.scheduler.explanation import Explanation
from minicloud.scheduler.fits import Fits, claimable, fits, with_members
from minicloud.scheduler.hinted import Hinted
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.reasons import explain
from minicloud.scheduler.refusal import CLAIM, Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, finalists
from minicloud.scheduler.selection import Selection

_MOST_BEST: Final = 1_000  # equally good hosts that are named


@dataclass(frozen=True)
class Prospect:
    """`hosts`: one for each instance, in order; none when one of them is `refused`.

    `best`: the hosts that would do equally well for the first one, of which `explanation` is;
    with `more_best` others. The host of a server that is there is named if it is one of them.
    """

    hosts: Sequence[str]
    best: Sequence[str]
    more_best: int
    refused: Refusal | None
    explanation: Explanation
    fits: Fits

    def to_dict(self) -> dict[str, Any]:
        refused = self.refused.to_dict() if self.refused else None
        return {
            "hosts": list(self.hosts),
            "best": list(self.best),
            "more_best": self.more_best,
            "refused": refused,
            "explanation": self.explanation.to_dict(),
            "fits": asdict(self.fits),
        }


def prospect(table: HostTable, question: Question, rules: Rules, dice: Dice) -> Prospect:
    """`table` stays as it is."""
    start = table.copy()
    wanted = _wanted(question)
    request = Request.of(wanted[0].uuid, wanted[0].request_spec, question.filter_properties)
    if question.leaves is not None:
        _leave(start, question.leaves, request)
    best = [start.names[place] for place in finalists(start, request, rules)]
    named = _named(best, question.leaves)
    hosts, refused = _chosen(start.copy(), wanted, rules, dice)
    full = refused is not None and CLAIM in refused.counts and not rules.by_chance
    why = explain(start, request, rules, question.tell, full=full)
    more = len(best) - len(named)
    return Prospect(hosts, named, more, refused, why, fits(start, request, rules))


def _named(best: list[str], own: str | None) -> list[str]:
    """So many that an answer holds them, and `own` where it is one of them."""
    named = best[:_MOST_BEST]
    if own in best[_MOST_BEST:]:
        named[-1] = own
    return named


def _wanted(question: Question) -> list[Wanted]:
    """The instances, in the words of the conductor."""
    spec = question.request_spec
    first = spec["instance_properties"]
    found = []
    for number in range(question.count):
        uuid = first["uuid"] if number == 0 else f"{first['uuid']}-{number}"
        properties = {**first, "uuid": uuid, "launch_index": number}
        each = {**spec, "instance_properties": properties, "instance_uuids": [uuid]}
        found.append(Wanted(uuid, 0, None, each, question.filter_properties))
    return found


def _leave(table: HostTable, host: str, request: Request) -> None:
    place = table.place_of(host)
    if place is not None:
        table.give_back(place, request)


def _chosen(
    table: HostTable, wanted: Sequence[Wanted], rules: Rules, dice: Dice
) -> tuple[list[str], Refusal | None]:
    """The hosts for all of them, by the very choice of a boot, or why one of them gets none."""
    before = table.copy()
    found = Selection(table, Chooser(rules), _Supposed(wanted), rules, dice).picks(wanted)
    if isinstance(found, Refusal):
        return [], found
    request = Request.of(found[0].uuid, wanted[0].request_spec, wanted[0].filter_properties)
    for pick in found:
        place = before.place_of(pick.host)
        assert place is not None
        if not claimable(before, request, rules)[place]:
            return [], _full(before, "not tried" if rules.by_chance else "force_hosts")
        before.take(place, request)
        request = with_members(request, [pick.host])
    return [pick.host for pick in found], None


def _full(table: HostTable, others: str) -> Refusal:
    """No filter minds, since none was asked; the claim would. `others`: why it was not they."""
    counts = {others: len(table) - 1, CLAIM: 1}
    return Refusal(len(table), {name: count for name, count in counts.items() if count})


class _Supposed(Companions):
    """The members that the message tells of, and nobody else."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        told = wanted[0].filter_properties
        self._found, self._hinted = {}, Hinted.supposed(wanted)
        if told.get("group"):
            policy, rules = told["group_policies"][0], told.get("group_rules") or {}
            group = ServerGroup(uuid=told["group"], policy=policy, rules=rules)
            members = {f"member {n}": {host} for n, host in enumerate(told["group_hosts"])}
            company = Company(group, members)
            self._found = {one.uuid: company for one in wanted}
