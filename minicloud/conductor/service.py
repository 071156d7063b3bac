"""The conductor: the only one who moves instances from state to state after they are accepted."""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conductor import report as reporting
from minicloud.conductor.duties import DEAD_HOSTS, on_duty
from minicloud.conductor.ledger import Delays, Ledger
from minicloud.conductor.place import Placer
from minicloud.conductor.queue import PendingQueue
from minicloud.conductor.sweep import Sweeper
from minicloud.conductor.watch import Watch
from minicloud.conductor.what_if import WhatIf
from minicloud.conf.servicegroup import down_time_s
from minicloud.context import RequestContext, for_service
from minicloud.db import hosts, instances, migrations
from minicloud.db.engine import Database
from minicloud.db.instances import Working
from minicloud.db.models import Instance
from minicloud.errors import LineDown
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import Answer, Assignment, HostReport
from minicloud.rpc.pulse import Reached, Unproved
from minicloud.rpc.scheduler import SchedulerClient
from minicloud.runtime.loop import Wakeable
from minicloud.servicegroup.base import COMPUTE, ServiceGroup
from minicloud.servicegroup.election import Election

LOG = logging.getLogger(__name__)


class Conductor:
    """`step` does what is due.

    `loop` (set by whoever runs it) is woken when there is more, `pulse` told of each step.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        group: ServiceGroup,
        scheduler: SchedulerClient,
        compute: ComputeClient,
        election: Election,
    ) -> None:
        self._database, self._group, self._compute = database, group, compute
        self._election = election
        self._delays = Delays(conf.shelved_offload_time, conf.reclaim_instance_interval)
        self._batch: int = conf.conductor.batch
        watch = Watch(down_time_s(conf), database.monotonic())
        self._placer = Placer(conf, database, scheduler, watch)
        self._what_if = WhatIf(conf, database, scheduler)
        self._sweeper = Sweeper(conf, database, group, watch)
        self._queue = PendingQueue(conf, database, group)
        # A little less than the loop's interval, so that no tick passes without a sweep.
        self._tick_s: float = 0.9 * conf.conductor.tick_s
        self._next_sweep = database.monotonic()
        self._named: dict[str, None] = {}  # in order of arrival
        self._lock = threading.Lock()
        self.loop: Wakeable | None = None
        self.pulse: Reached = Unproved()

    def wake(self, uuids: Sequence[str]) -> None:
        """Look at these soon."""
        with self._lock:
            self._named.update(dict.fromkeys(uuids))
        if uuids and self.loop is not None:
            self.loop.wake()

    def step(self) -> None:
        named, more = self._take_named()
        ticked = self._has_ticked()
        due = self._sweep() if ticked else []
        uuids = list(dict.fromkeys([*named, *due]))
        if uuids:
            self._placer.place(uuids)
        self._try_waiting(ticked)
        if (more or self._queue.goes_on) and self.loop is not None:
            self.loop.wake()
        self.pulse.send()

    def _has_ticked(self) -> bool:
        """Once a tick: a wake names what it is about."""
        moment = self._database.monotonic()
        if moment < self._next_sweep:
            return False
        self._next_sweep = moment + self._tick_s
        return True

    def _sweep(self) -> list[str]:
        """What fell due."""
        found = [self._sweeper.due(), self._abandoned()]
        return [uuid for ledger in found if ledger is not None for uuid in self._followed(ledger)]

    def _abandoned(self) -> Ledger | None:
        dead = self._sweeper.dead()
        return on_duty(
            self._election,
            DEAD_HOSTS,
            lambda token: self._sweeper.abandoned(dead, token) if dead else None,
        )

    def _try_waiting(self, ticked: bool) -> None:
        """Those that wait for room, when there may be some."""
        uuids = self._queue.next(ticked=ticked)
        if uuids:
            self._queue.conclude(self._placer.place(uuids))

    def _hear_of_room(self) -> None:
        if self._queue.is_waited_in:
            self._queue.hear()
            if self.loop is not None:
                self.loop.wake()

    def _followed(self, ledger: Ledger) -> list[str]:
        """Wake the hosts that are next; what is left is to be placed."""
        if ledger.made_room:
            self._hear_of_room()
        hosts_ = sorted(ledger.to_wake - {""})
        agents = self._database.read(lambda db: hosts.agents_of(db, hosts_)) if hosts_ else {}
        by_agent: dict[str, list[str]] = {}
        for host in hosts_:
            if host in agents:
                by_agent.setdefault(agents[host], []).append(host)
        for agent, named in sorted(by_agent.items()):
            try:
                self._compute.wake(for_service("conductor"), agent, named)
            except LineDown as error:
                LOG.warning("could not wake %s (%s); it will look by itself", agent, error)
        return ledger.to_place

    def assignments(
        self, agent: str, hosts: Sequence[str], everything: bool
    ) -> dict[str, list[Assignment]]:
        """What each of these hosts has to do or to look after."""
        working = self._database.read(
            lambda db: instances.on_hosts(db, hosts, in_task_only=not everything)
        )
        found: dict[str, list[Assignment]] = {}
        for one in working:
            host = one.row.task_host or one.row.host or ""
            found.setdefault(host, []).append(_assignment(one))
        return found

    def report(self, agent: str, reports: Sequence[HostReport], *, deaf: bool = False) -> Answer:
        """Record what the hosts see; it is also their sign of life, unless their agent is deaf."""
        # First the member, then what it has: a host that is chosen can be missed when it dies.
        if not deaf:
            self._group.renew([report.host for report in reports], COMPUTE)
        inventories = [r for r in reports if r.inventory is not None]
        if inventories:
            self._database.write(
                lambda db: reporting.take_inventory(db, agent, inventories, self._database.now()),
                "conductor.inventory",
            )
            self._hear_of_room()
        if self._database.read(lambda db: self._is_news(db, reports)):
            ledger = self._database.write(
                lambda db: reporting.record(db, reports, self._database.now(), self._delays),
                "conductor.report",
            )
            self.wake(self._followed(ledger))
        if not any(report.guests is not None for report in reports):
            return Answer()
        return Answer(gone=self._strangers(reports))

    def what_if(
        self, context: RequestContext, instance: Mapping[str, Any], count: int, tell: int
    ) -> Mapping[str, Any]:
        return self._what_if.ask(context, instance, count, tell)

    def _strangers(self, reports: Sequence[HostReport]) -> Mapping[str, Sequence[str]]:
        gone, cleaned = self._database.read(lambda db: reporting.look(db, reports))
        if cleaned:
            self._database.write(
                lambda db: migrations.complete_evacuations(db, cleaned, self._database.now()),
                "conductor.cleaned",
            )
        return gone

    def _is_news(self, db: Session, reports: Sequence[HostReport]) -> bool:
        if any(s.done or s.error for report in reports for s in report.sightings):
            return True
        uuids = [s.uuid for report in reports for s in report.sightings]
        rows: Mapping[str, Instance] = instances.rows_of(db, uuids)
        return not all(reporting.tells_nothing_new(rows, report) for report in reports)

    def _take_named(self) -> tuple[list[str], bool]:
        with self._lock:
            named = list(self._named)[: self._batch]
            for uuid in named:
                del self._named[uuid]
            return named, bool(self._named)


def _assignment(one: Working) -> Assignment:
    row = one.row
    return Assignment(
        uuid=row.uuid,
        generation=row.generation,
        vm_state=row.vm_state,
        task_state=row.task_state,
        name=row.display_name,
        flavor=row.flavor,
        image=row.image_ref,
        meta=row.meta,
        project_id=row.project_id,
        user_id=row.user_id,
        request_id=one.request_id,
        old_vm_state=row.old_vm_state,
        parameters=one.parameters if row.task_state else None,
    )
