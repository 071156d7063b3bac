"""Who gets which host: room, the policies of server groups, and requests that stand together.

The caller has locked the instances. Server groups are locked next, by their ids, and hosts by
their names. A second choice comes out of that order, and is made of hosts only that need not be
waited for: so nobody waits in a circle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import group_places, hosts
from minicloud.db.hosts import NO_LIMITS, Limits, Need
from minicloud.db.models import Instance, Migration


@dataclass(frozen=True)
class Pick:
    """An instance, at the generation it was read at, and the host chosen for it.

    `retry`: the record of what was tried, with this host in it. `alternates`: what to take
    instead, best first, when it is full. `together`: the request that gets hosts for all that it
    asked for, or for none. `others`: where the members of its group were when it was chosen, for
    a soft policy that is to be kept as well as can be; None: as they are. `epoch`: that of the
    host when it was chosen; None: any will do.
    """

    uuid: str
    generation: int
    host: str
    node: str
    retry: Mapping[str, Any] | None
    limits: Limits = NO_LIMITS
    alternates: Sequence["Pick"] = ()
    together: str | None = None
    others: Sequence[str] | None = None
    epoch: int | None = None

    @property
    def terms(self) -> tuple[Limits, int | None]:
        """On which it is claimed, besides its need."""
        return self.limits, self.epoch


@dataclass(frozen=True)
class Case:
    """A pick with the row that it is for, and the move that it is part of."""

    pick: Pick
    row: Instance
    move: Migration | None

    @property
    def need(self) -> Need:
        return Need.of_flavor(self.move.new_flavor) if self.move else Need.of(self.row)

    @property
    def choices(self) -> Iterator["Case"]:
        """The same with each of the alternates."""
        return (replace(self, pick=pick) for pick in self.pick.alternates)


@dataclass
class Claims:
    """`claim` takes room for as many cases as can be; `won` has them by uuid, each with the pick
    that it got."""

    db: Session
    now: datetime
    won: dict[str, Case] = field(default_factory=dict)
    _groups: Mapping[str, group_places.Company] = field(default_factory=dict)
    _put: set[tuple[str, str]] = field(default_factory=set)  # (uuid, host) counted in a group
    _full: set[tuple[str, Need, Limits, int | None]] = field(default_factory=set)

    def claim(self, cases: Sequence[Case]) -> None:
        self._groups = group_places.companies(self.db, [c.pick.uuid for c in cases], lock=True)
        by_host: dict[str, list[Case]] = {}
        for case in cases:
            if self._admitted(case, case.pick):
                by_host.setdefault(case.pick.host, []).append(case)
        for host in sorted(by_host):
            self._first_choice(host, by_host[host])
        self._second_choice([case for case in cases if case.pick.uuid not in self.won])
        self._all_or_none(cases)

    def _first_choice(self, host: str, wanted: Sequence[Case]) -> None:
        """Claim for all together; when that is too much, for one after another."""
        terms, total = wanted[0].pick.terms, sum((case.need for case in wanted), Need())
        alike = all(case.pick.terms == terms for case in wanted)
        if alike and hosts.claim(self.db, host, total, self.now, *terms):
            self.won.update((case.pick.uuid, case) for case in wanted)
            return
        if alike and len(wanted) == 1:
            self._full.add((host, total, *terms))
        for case in wanted:
            if not self._take(case):
                self._not_there(case.pick)

    def _second_choice(self, lost: Sequence[Case]) -> None:
        named = {pick.host for case in lost for pick in case.pick.alternates}
        if not named:
            return
        free = hosts.lock_idle(self.db, named)
        for case in lost:
            for other in case.choices:
                if other.pick.host not in free or not self._admitted(other, case.pick):
                    continue
                if self._take(other):
                    break
                self._not_there(other.pick)

    def _take(self, case: Case) -> bool:
        """Claim for this one, unless as much was found to be too much before."""
        asked = (case.pick.host, case.need, *case.pick.terms)
        if asked in self._full:
            return False
        if not hosts.claim(self.db, case.pick.host, case.need, self.now, *case.pick.terms):
            self._full.add(asked)
            return False
        self.won[case.pick.uuid] = case
        return True

    def _all_or_none(self, cases: Sequence[Case]) -> None:
        """Give back what was claimed for a request of which one found no room."""
        halves = {c.pick.together for c in cases if c.pick.uuid not in self.won} - {None}
        freed: dict[str, Need] = {}
        for uuid in [c.pick.uuid for c in cases if c.pick.together in halves]:
            case = self.won.pop(uuid, None)
            if case is not None:
                freed[case.pick.host] = freed.get(case.pick.host, Need()) + case.need
        for host in sorted(freed):
            hosts.unclaim(self.db, host, freed[host], self.now)

    def _admitted(self, case: Case, first: Pick) -> bool:
        """Whether the policy of its group lets it there; then it counts for the others."""
        uuid, host = case.pick.uuid, case.pick.host
        company = self._groups.get(uuid)
        if company is None:
            return True
        if not company.admits(uuid, host) or not company.suits(
            uuid, host, first.host, first.others
        ):
            return False
        if company.put(uuid, host):
            self._put.add((uuid, host))
        return True

    def _not_there(self, pick: Pick) -> None:
        if (pick.uuid, pick.host) in self._put:
            self._put.remove((pick.uuid, pick.host))
            self._groups[pick.uuid].take_away(pick.uuid, pick.host)
