"""Hosts for a list of instances, chosen one after the other while the fleet is locked.

Those of one request that stand together (instances of one create, asked for the first time) get
picks all together or one refusal for all; between them, each counts on its host for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from minicloud.db import group_places
from minicloud.db.claims import Pick
from minicloud.db.hosts import Limits
from minicloud.rpc.scheduler import Wanted
from minicloud.runtime.dice import Dice
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.companions import Companions
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.limits import limits_of
from minicloud.scheduler.reasons import MOST_BYTES, explain
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules

_IN_FULL = 10  # instances of one request that are told all there is to tell
_SOFT = (group_places.SOFT_AFFINITY, group_places.SOFT_ANTI_AFFINITY)


def fellows(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """Those that get hosts together or not at all, in the order of the first of each."""
    found: dict[str, list[Wanted]] = {}
    for one in wanted:
        found.setdefault(_together(one) or one.uuid, []).append(one)
    return list(found.values())


def most_bytes(count: int) -> int:
    """Of the explanation that each of so many gets: all are told in one message, and kept."""
    return MOST_BYTES * _IN_FULL // max(count, _IN_FULL)


def _together(one: Wanted) -> str | None:
    spec = one.request_spec
    if int(spec.get("num_instances", 1)) < 2:
        return None
    whose = spec["instance_properties"]
    return f"{whose['project_id']} {whose['reservation_id']}"


@dataclass(frozen=True)
class Selection:
    """`most`: hosts named for each instance, the first choice and alternates.

    `is_last`: nobody will choose again, so soft policies are taken as they come. `is_sure`: the
    table is as new as can be, so a refusal is final and says why, host by host.
    """

    table: HostTable
    chooser: Chooser
    companions: Companions
    rules: Rules
    dice: Dice
    most: int = 1
    is_last: bool = False
    is_sure: bool = False

    def picks(self, together: Sequence[Wanted]) -> list[Pick] | Refusal:
        """One for each, counted in the table; a refusal leaves nothing counted."""
        taken: list[tuple[Pick, int, Request]] = []
        for one in together:
            request = Request.of(one.uuid, one.request_spec, self.companions.told(one))
            places = self.chooser.ranked(self.table, request, self.dice, self.most)
            if isinstance(places, Refusal):
                refusal = self._explained(request, places, len(together))
                for pick, place, asked in taken:
                    self.table.untake(place, asked)
                    self.companions.take_away(pick.uuid, pick.host)
                return refusal.among(len(together), len(taken))
            pick = self._pick(one, request, places)
            taken.append((pick, places[0], request))
            self.table.take(places[0], request)
            self.companions.put(one.uuid, pick.host)
        return [pick for pick, _place, _request in taken]

    def _explained(self, request: Request, refusal: Refusal, count: int) -> Refusal:
        if not self.is_sure:
            return refusal
        steps, most = refusal.steps, most_bytes(count)
        said = explain(self.table, request, self.rules, steps=steps, most_bytes=most)
        return replace(refusal, explanation=said, steps=())

    def _pick(self, one: Wanted, request: Request, places: Sequence[int]) -> Pick:
        others = None
        if not self.is_last and request.group_policy in _SOFT:
            others = request.group_hosts
        first, *alternates = (self._at(one, request, place) for place in places)
        return replace(first, alternates=alternates, together=_together(one), others=others)

    def _at(self, one: Wanted, request: Request, place: int) -> Pick:
        host, node = self.table.names[place], self.table.nodes[place]
        retry = _tried(one.filter_properties.get("retry"), host, node)
        limits = Limits(**limits_of(self.table, request, self.rules.filters, place))
        epoch = self.table.host_epochs[place]
        return Pick(one.uuid, one.generation, host, node, retry, limits, epoch=epoch)


def _tried(retry: Mapping[str, Any] | None, host: str, node: str) -> Mapping[str, Any] | None:
    """The retry record with one more host in it; None where no retry is allowed."""
    if retry is None:
        return None
    return {**retry, "hosts": [*retry.get("hosts", ()), [host, node]]}
