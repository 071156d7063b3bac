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
from minicloud.db import enlisting, hosts, instances, migrations
from minicloud.db.engine import Database
from minicloud.db.instances import Working
from minicloud.db.models import Instance
from minicloud.errors import LineDown
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import Answer, Assignment, Epochs, HostReport, Orders
from minicloud.rpc.pulse import Reached, Unproved
from minicloud.rpc.scheduler import SchedulerClient
from minicloud.runtime.loop import Wakeable
from minicloud.runtime.owner import Owner
from minicloud.servicegroup.base import COMPUTE, ServiceGroup
from minicloud.servicegroup.election import Election
from minicloud.servicegroup.registry import Registry

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
        self._placer = Placer(conf, database, scheduler, watch, lambda: self.pulse.send())
        self._what_if = WhatIf(conf, database, scheduler)
        self._sweeper = Sweeper(conf, database, group, watch)
        self._queue = PendingQueue(conf, database, group)
        self._registry = Registry(conf, database, group)
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

    def enlist(
        self, agent: str, hosts: Sequence[str], owner: Owner, instead_of: Sequence[str] = ()
    ) -> Mapping[str, int]:
        """Give the hosts to this agent: host -> epoch. NameTaken."""
        epochs = self._registry.enlist(COMPUTE, hosts, owner, instead_of)
        LOG.info("%s looks after %s", agent, ", ".join(f"{h} ({e})" for h, e in epochs.items()))
        return epochs

    def leave(self, agent: str, hosts: Sequence[str], nonce: str) -> None:
        self._registry.left(COMPUTE, hosts, nonce)

    def resign(self, agent: str, hosts: Sequence[str], nonce: str) -> None:
        self._registry.resign(COMPUTE, hosts, nonce)

    def assignments(
        self, agent: str, hosts: Sequence[str], everything: bool, epochs: Epochs
    ) -> Orders:
        """What each of these hosts has to do or to look after."""

        def work(db: Session) -> tuple[list[Working], dict[str, int]]:
            """Epochs last: what was read before is of the epoch that they tell, or older."""
            working = instances.on_hosts(db, hosts, in_task_only=not everything)
            return working, enlisting.stale(db, epochs)

        working, stale = self._database.read(work)
        found: dict[str, list[Assignment]] = {}
        for one in working:
            host = one.row.task_host or one.row.host or ""
            if host not in stale:
                found.setdefault(host, []).append(_assignment(one))
        return Orders(found, stale)

    def report(
        self, agent: str, reports: Sequence[HostReport], epochs: Epochs, *, deaf: bool = False
    ) -> Answer:
        """Record what the hosts see; it is also their sign of life, unless their agent is deaf."""
        stale, is_news = self._database.read(
            lambda db: (enlisting.stale(db, epochs), self._is_news(db, reports))
        )
        heard = [report for report in reports if report.host not in stale]
        # First the member, then what it has: a host that is chosen can be missed when it dies.
        if heard and not deaf:
            self._group.renew([report.host for report in heard], COMPUTE)
        stale |= self._take_inventory(agent, heard, epochs)
        if is_news:
            ledger, late = self._database.write(
                lambda db: reporting.record(db, heard, self._database.now(), self._delays, epochs),
                "conductor.report",
            )
            self.wake(self._followed(ledger))
            stale |= late
        if stale:
            LOG.warning("%s: %s speak in an older epoch; they are not heard", agent, sorted(stale))
        looked = [r for r in heard if r.guests is not None and r.host not in stale]
        return Answer(self._strangers(looked) if looked else {}, stale)

    def _take_inventory(
        self, agent: str, reports: Sequence[HostReport], epochs: Epochs
    ) -> dict[str, int]:
        """Hosts that are in another epoch by now."""
        told = [report for report in reports if report.inventory is not None]
        if not told:
            return {}
        stale = self._database.write(
            lambda db: reporting.take_inventory(db, agent, told, self._database.now(), epochs),
            "conductor.inventory",
        )
        self._hear_of_room()
        return stale

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
