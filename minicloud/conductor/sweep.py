"""Repairs what nobody finished: rows that fell due, and work on hosts that are gone."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor import pending
from minicloud.conductor.duties import DEAD_HOSTS
from minicloud.conductor.last_heard import LastHeard
from minicloud.conductor.ledger import Delays, Ledger
from minicloud.conductor.watch import Watch
from minicloud.conf.servicegroup import down_time_s
from minicloud.db import duties, enlisting, instances
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.errors import HostLost, NoSchedulerAnswered
from minicloud.instance_states import PLACES, Task, VmState
from minicloud.servicegroup.base import COMPUTE, ServiceGroup

LOG = logging.getLogger(__name__)


class Sweeper:
    """Nobody is judged by a conductor that was not there itself: after a start, an outage of the
    database or a long pause it first watches for as long as a healthy host may be silent."""

    def __init__(
        self, conf: cfg.ConfigOpts, database: Database, group: ServiceGroup, watch: Watch
    ) -> None:
        self._database, self._group, self._watch = database, group, watch
        self._last_heard = LastHeard(database, group)
        self._ttl_s = down_time_s(conf)
        self._lease_s: float = conf.conductor.lease_s
        self._batch: int = conf.conductor.batch
        self._delays = Delays(conf.shelved_offload_time, conf.reclaim_instance_interval)

    def due(self) -> Ledger | None:
        """Take what has fallen due; end what is past its deadline."""
        now = self._database.now()
        found = self._database.read(lambda db: instances.any_due(db, now))
        self._watch.look(self._database.monotonic())  # without the database nobody watches
        if not found:
            return None
        return self._database.write(lambda db: self._take(db, now), "conductor.take")

    def _take(self, db: Session, now: datetime) -> Ledger:
        ledger = Ledger(db, now, self._delays)
        due = instances.take_due(db, now, self._lease_s, self._batch)
        late = [row for row in due if pending.is_over(row, now) or self._is_too_late(row, now)]
        rows = ledger.take([*due, *instances.late_with(db, late, now)])
        waited = [row for row in rows if pending.is_over(row, now)]
        pending.give_up(db, ledger, waited)
        for row in rows:
            if row in waited:
                continue
            too_late = self._is_too_late(row, now)
            if row.task_state is None:
                self._go_on(ledger, row)
            elif row.task_state in PLACES and too_late:
                ledger.refuse(row, NoSchedulerAnswered(row.uuid))
            elif row.task_state in PLACES:
                ledger.to_place.append(row.uuid)
            elif too_late:
                LOG.warning("%s: %s on %s came too late", row.uuid, row.task_state, row.task_host)
                ledger.fail(row, f"{row.task_state} was not done in time")
        ledger.write()
        return ledger

    def _is_too_late(self, row: Instance, now: datetime) -> bool:
        overdue = row.deadline_at is not None and row.deadline_at <= now
        return overdue and self._watch.may_judge

    def _go_on(self, ledger: Ledger, row: Instance) -> None:
        """What rested for a while and now goes further."""
        task = {VmState.SHELVED: Task.SHELVING_OFFLOADING, VmState.SOFT_DELETED: Task.DELETING}
        if row.vm_state in task:
            ledger.begin(row, task[VmState(row.vm_state)])

    def dead(self) -> list[str]:
        """The hosts whose work may be given up. Every conductor watches them, whoever has the
        duty, so that each may judge from the moment when it is its turn."""
        known, down = self._group.known(COMPUTE), self._group.down(COMPUTE)
        self._last_heard.note(down)
        silent = sorted(down - self._restarting(down))
        self._watch.hear(self._database.monotonic(), silence=len(silent) == len(known))
        return silent if self._watch.may_judge else []

    def _restarting(self, down: Collection[str]) -> set[str]:
        """Those that have left, and may be back before others like them would be down: what they
        were told to do they do then."""
        lately = self._group.lately(COMPUTE) if down else set()
        if not lately:
            return set()
        standings = self._group.standings(COMPUTE)
        ages = {host: standings[host].age_s for host in lately if host in standings}
        return {host for host, age_s in ages.items() if age_s is not None and age_s < self._ttl_s}

    def abandoned(self, dead: Sequence[str], token: int) -> Ledger | None:
        """End what only dead hosts could finish; the duty `dead-hosts`."""
        uuids = self._database.read(lambda db: instances.in_task_on(db, dead, self._batch))
        if not uuids:
            return None
        return self._database.write(
            lambda db: self._give_up(db, uuids, dead, token), "conductor.abandon"
        )

    def _give_up(
        self, db: Session, uuids: Sequence[str], dead: Sequence[str], token: int
    ) -> Ledger:
        now = self._database.now()
        duties.check(db, DEAD_HOSTS, token, now)
        ledger = Ledger(db, now, self._delays)
        left = [r for r in ledger.lock(uuids) if r.task_host in dead and r.task_state]
        # What they were told before counts no more, should one of them live after all.
        enlisting.fence(db, {row.task_host or "" for row in left}, now)
        for row in left:
            text = "%s: host %s is down in the middle of %s"
            LOG.warning(text, row.uuid, row.task_host, row.task_state)
            ledger.fail(row, str(HostLost(row.task_state or "")))
        ledger.write()
        return ledger
