"""The queue of servers that wait for room: who is to be tried again, when, and in which order.

The queue is the rows in `pending`; what is kept here is only how far a pass through it has come.
A pass begins when there may be more room than before, and tries each kind of request until one of
that kind is refused: what no host was found for is not asked again for its like. So a pass costs
as many refusals as there are kinds, however many wait.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor import turns
from minicloud.conductor.turns import Kind, Room, Unit
from minicloud.db import aggregates, pending, services
from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Verdict
from minicloud.servicegroup.base import COMPUTE, ServiceGroup

_OVERLAP = timedelta(seconds=10)  # longer than a transaction: what was written before, seen late


@dataclass(frozen=True)
class Marks:
    """What tells that there may be more room: hosts freed lately, aggregates, hosts in service."""

    freed: frozenset[tuple[int, datetime]]
    groups: aggregates.Marks
    in_service: frozenset[str]

    def promise_more_than(self, old: "Marks") -> bool:
        return bool(self.freed - old.freed or self.joined_since(old)) or self.groups != old.groups

    def joined_since(self, old: "Marks") -> frozenset[str]:
        return self.in_service - old.in_service


@dataclass
class _Pass:
    """One way through the queue: who is still to be tried, and what their projects have."""

    left: list[Unit] = field(default_factory=list)
    used: dict[str, Room] = field(default_factory=dict)
    total: Room = field(default_factory=Room)
    trusted: dict[Kind, int] = field(default_factory=dict)  # how many to try at once; else one
    refused: bool = False  # somebody was


class PendingQueue:
    """`next` names whom to try now, `conclude` is told what came of it.

    Only the loop of a conductor calls these; `hear` may be called from any thread.
    """

    def __init__(self, conf: cfg.ConfigOpts, database: Database, group: ServiceGroup) -> None:
        self._database, self._group = database, group
        self._batch: int = conf.conductor.batch
        self._safety_s: float = conf.conductor.pending_look_again_s
        self._marks: Marks | None = None  # as of the last pass; None: there was none
        self._looked_at: datetime | None = None
        self._safe_until = database.monotonic()
        self._pass = _Pass()
        self._tried: list[Unit] = []
        self._tries_left = 0  # refusals that this tick has room for
        self._heard = False
        self._unclear = False  # somebody got no answer in this pass
        self.is_waited_in = True  # as far as is known

    def hear(self) -> None:
        """There may be more room now."""
        self._heard = True

    @property
    def goes_on(self) -> bool:
        """Whether there is more to try before the next tick."""
        if self._pass.left:
            return self._tries_left > 0
        return self._heard and self.is_waited_in

    def next(self, *, ticked: bool) -> list[str]:
        """Whom to try now, in order."""
        if ticked:
            self._tries_left = self._batch
        if not self._pass.left and (ticked or (self._heard and self.is_waited_in)):
            self._heard = False
            self._look()
        now = self._pass
        if not now.left or self._tries_left <= 0:
            return []
        self._tried = turns.in_turn(now.left, now.used, now.total, self._tries_left, now.trusted)
        return [uuid for unit in self._tried for uuid in unit.uuids]

    def conclude(self, verdicts: Mapping[str, Verdict]) -> None:
        """Take out who was placed, and the like of those who were refused."""
        tried, self._tried = self._tried, []
        refused, placed = set(), Counter[Kind]()
        for unit in tried:
            answers = [verdicts[uuid] for uuid in unit.uuids if uuid in verdicts]
            if any(answer.host for answer in answers):
                placed[unit.kind] += 1
                self._unclear |= any(answer.host is None for answer in answers)
                has = self._pass.used.get(unit.project_id, Room())
                self._pass.used[unit.project_id] = has + unit.need
            elif any(answer.refused for answer in answers):
                refused.add(unit.kind)
            else:
                self._unclear = True
        done = {unit.first for unit in tried}
        left = [u for u in self._pass.left if u.first not in done and u.kind not in refused]
        self._pass.left = left if verdicts else []  # no scheduler answers: at the next tick again
        self._tries_left -= len(tried) - placed.total()
        self._pass.trusted.update({kind: 2 * count for kind, count in placed.items()})
        self._pass.refused |= bool(refused)
        if placed and self._pass.refused:
            self._begin_again()

    def _begin_again(self) -> None:
        """Room may have come about since some were refused: they are to be asked before others
        who were not, and in one call with them."""
        self._pass.left = []
        self._heard = self._unclear = True

    def _look(self) -> None:
        """Begin a pass, if anybody waits and there may be more room than at the last one."""
        self.is_waited_in = self._database.read(pending.anyone)
        if not self.is_waited_in:
            self._marks = None
            return
        now, moment = self._database.now(), self._database.monotonic()
        since = (self._looked_at or now) - _OVERLAP
        marks = self._read_marks(since)
        known, self._marks, self._looked_at = self._marks, marks, now
        more = known is None or marks.promise_more_than(known)
        if more or self._unclear or moment >= self._safe_until:
            # A scheduler may hear of a host a moment later: once more at the next tick.
            self._unclear = known is not None and bool(marks.joined_since(known))
            self._safe_until = moment + self._safety_s
            trusted = {} if more else self._pass.trusted
            self._pass = self._database.read(lambda db: _new_pass(db, trusted))

    def _read_marks(self, since: datetime) -> Marks:
        alive = self._group.get_all(COMPUTE)

        def work(db: Session) -> Marks:
            in_service = alive - set(services.disabled(db, COMPUTE))
            freed = pending.freed_since(db, since)
            return Marks(freed, aggregates.marks(db), frozenset(in_service))

        return self._database.read(work)


def _new_pass(db: Session, trusted: dict[Kind, int]) -> _Pass:
    rows = pending.waiting(db)
    waiting = turns.units(rows)
    used = {p: Room(*room) for p, room in pending.used(db, {r.project_id for r in rows}).items()}
    for unit in waiting:
        used[unit.project_id] = used.get(unit.project_id, Room()) - unit.need
    return _Pass(waiting, used, Room(*pending.total(db)), trusted)
