"""Puts the parts together: the same for one process and for many."""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session
from stevedore import NamedExtensionManager

from minicloud import errors
from minicloud.cmd import elections
from minicloud.conf.servicegroup import down_time_s, flush_interval_s
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.rpc import compute as compute_rpc
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc import scheduler as scheduler_rpc
from minicloud.rpc.line import Address, Line
from minicloud.rpc.pulse import Pulse
from minicloud.runtime import dice, owner
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.steps import Reach
from minicloud.servicegroup import newcomer
from minicloud.servicegroup.address import driver_of
from minicloud.servicegroup.base import CONDUCTOR, SCHEDULER, ServiceGroup
from minicloud.servicegroup.leases import lease_of
from minicloud.servicegroup.registry import Registry
from minicloud.zones.local import LocalZone
from minicloud.zones.local.acting import RefusedBy
from minicloud.zones.wakes import Wakes

LOG = logging.getLogger(__name__)
_PART = 0.25  # of the down time: an agent that lost a call or two must still be heard in it


def plugin(namespace: str, name: str, option: str) -> Callable[..., object]:
    """The entry point of this name. CannotStart, with the names there are, when there is none.

    No other one is loaded: some bring libraries that take longer than all the rest of a start.
    """
    found = NamedExtensionManager(namespace, [name], warn_on_missing_entrypoint=False)
    if name not in found:
        known = ", ".join(sorted(point.name for point in found.list_entry_points()))
        raise errors.CannotStart(f"{option}: there is no {name!r}; known are {known}")
    chosen: Callable[..., object] = found[name].plugin
    return chosen


def database(conf: cfg.ConfigOpts, clock: Clock, reach: Reach) -> Database:
    """The database of the configuration, at the schema that this program needs."""
    found = Database(
        conf.database.connection,
        clock,
        pool_size=conf.database.pool_size,
        attempts=conf.database.max_attempts,
        reach=reach,
    )
    schema.check(found)
    return found


def service_group(conf: cfg.ConfigOpts, books: Database) -> ServiceGroup:
    name = driver_of(conf.servicegroup.driver)
    driver = plugin("minicloud.servicegroup.drivers", name, "[servicegroup] driver")
    group: ServiceGroup = driver(conf, books)  # type: ignore[assignment]
    return group


def refused_by(conf: cfg.ConfigOpts) -> RefusedBy:
    """What filters say of rebuilds; made with the first one, as it takes a while."""

    @cache
    def rebuilding() -> Any:
        from minicloud.scheduler.rebuilding import Rebuilding

        return Rebuilding(conf)

    def found(db: Session, row: Instance, image: Mapping[str, Any]) -> str | None:
        name: str | None = rebuilding().refused_by(db, row, image)
        return name

    return found


class Parts:
    """Everything of one program; what is started here is stopped in the opposite order."""

    def __init__(self, conf: cfg.ConfigOpts, line: Line, clock: Clock, reach: Reach) -> None:
        self._conf, self._line, self._clock, self._reach = conf, line, clock, reach
        self._running = ExitStack()
        self._pulses: list[Pulse] = []  # of the members of this program but the agent
        self._stays: dict[tuple[str, str], Callable[[], None]] = {}  # what keeps their names

    def stop(self) -> None:
        self._running.close()

    def on_stop(self, work: Callable[[], object]) -> None:
        self._running.callback(work)

    def loop(
        self, name: str, step: Callable[[], None], interval_s: float, gather_s: float = 0.0
    ) -> Loop:
        """A loop that is started, and stopped with the rest."""
        loop = Loop(name, step, interval_s, self._clock, gather_s)
        loop.start()
        self.on_stop(loop.stop)
        return loop

    def zone(self, books: Database, group: ServiceGroup) -> LocalZone:
        timeout_s = self._conf.rpc.call_timeout_s
        compute = compute_rpc.ComputeClient(self._line, timeout_s)
        wakes = Wakes(conductor_rpc.ConductorClient(self._line, timeout_s), compute)
        wakes.loop = self.loop("wakes", wakes.step, 60.0, self._conf.api.gather_s)
        return LocalZone(self._conf, books, group, wakes, compute, refused_by(self._conf))

    def conductor(self, books: Database, group: ServiceGroup, name: str) -> None:
        from minicloud.conductor.service import Conductor

        timeout_s = self._conf.rpc.call_timeout_s
        scheduler = scheduler_rpc.SchedulerClient(self._line, timeout_s)
        compute = compute_rpc.ComputeClient(self._line, timeout_s)
        election = elections.of_conductor(self, self._conf, books, name, self._clock)
        conductor = Conductor(self._conf, books, group, scheduler, compute, election)
        options = self._conf.conductor
        self._take(books, group, name, CONDUCTOR)
        endpoint = conductor_rpc.ConductorEndpoint(conductor)
        to = Address(conductor_rpc.TOPIC, conductor_rpc.VERSION, name)
        conductor.pulse = pulse = self._serve(to, endpoint, self._report_s)
        often_s = min(options.tick_s, self._report_s)
        conductor.loop = self.loop("conductor", conductor.step, often_s, options.gather_s)
        often_s = min(1.0, down_time_s(self._conf) / 4)
        self.loop("duties", elections.duties_of(self._conf, books, election).step, often_s)
        self._join(group, name, CONDUCTOR, pulse)

    def scheduler(self, books: Database, group: ServiceGroup, name: str) -> None:
        from minicloud.scheduler.service import Scheduler

        compute = compute_rpc.ComputeClient(self._line, self._conf.rpc.call_timeout_s)
        scheduler = Scheduler(self._conf, books, group, compute, dice.new())
        self._take(books, group, name, SCHEDULER)
        endpoint = scheduler_rpc.SchedulerEndpoint(scheduler)
        to = Address(scheduler_rpc.TOPIC, scheduler_rpc.VERSION, name)
        pulse = self._serve(to, endpoint)
        self.loop("pulse", pulse.send, self._report_s)
        self._join(group, name, SCHEDULER, pulse)

    def compute(self, name: str) -> None:
        """The agent; it knows no database, so this works in a program without one."""
        from minicloud.compute.service import Agent
        from minicloud.runtime.workers import ThreadWorkers

        make = plugin("minicloud.compute.drivers", self._conf.compute.driver, "[compute] driver")
        driver = make(self._conf, self._clock, name)
        count = self._conf.compute.max_concurrent_operations
        workers, builders = ThreadWorkers("compute", count), ThreadWorkers("build", count)
        timeout_s, brief_s = self._conf.rpc.call_timeout_s, _PART * down_time_s(self._conf)
        conductor = conductor_rpc.ConductorClient(self._line, timeout_s, brief_s)
        agent = Agent(
            self._conf,
            name,
            driver,  # type: ignore[arg-type]
            conductor,
            self._clock,
            workers,
            self._reach,
            builders,
            lease_of(self._conf, name, self._clock),
        )
        agent.begin()  # before it can be spoken to: it may not be the one that is meant
        self.on_stop(agent.end)  # once nothing is done any more
        self.on_stop(workers.stop)
        self.on_stop(builders.stop)
        to = Address(compute_rpc.TOPIC, compute_rpc.VERSION, name)
        agent.membership.pulse = self._serve(to, compute_rpc.ComputeEndpoint(agent))
        self.on_stop(agent.leave)
        agent.step()  # the hosts are known, and alive, before the program says that it serves
        options = self._conf.compute
        agent.loop = self.loop("compute", agent.step, options.poll_interval_s, options.gather_s)

    def beat(self, group: ServiceGroup) -> None:
        """Renew what this program joined, each time that it was reached; the last to start."""
        pulses = self._pulses

        def renew() -> None:
            reached = all(pulse.is_heard for pulse in pulses)
            if reached:
                for pulse in pulses:
                    pulse.take()
            group.beat(reached=reached)

        loop = self.loop("servicegroup", renew, flush_interval_s(self._conf))
        for pulse in pulses:
            pulse.woken = loop.wake

    @property
    def _report_s(self) -> float:
        return float(self._conf.servicegroup.report_interval_s)

    def _take(self, books: Database, group: ServiceGroup, name: str, kind: str) -> None:
        """The name, once no other program has it; before this one can be spoken to."""
        newcomer.check([name])
        registry, mine = Registry(self._conf, books, group), owner.this_process(kind)
        newcomer.wait(
            lambda ended: registry.enlist(kind, [name], mine, ended),
            self._clock,
            1.5 * down_time_s(self._conf),
            owner.makes_room,
        )
        self.on_stop(lambda: registry.resign(kind, [name], mine["nonce"]))

        def stay() -> None:
            """A service that was deleted while its program lives comes back."""
            if registry.is_nobodys(kind, name):
                LOG.warning("the service %s on %s was deleted; it is made again", kind, name)
                registry.enlist(kind, [name], mine)
                self._joined(group, name, kind)

        self._stays[name, kind] = stay

    def _join(self, group: ServiceGroup, name: str, kind: str, pulse: Pulse) -> None:
        self._pulses.append(pulse)
        self.on_stop(lambda: group.leave(name, kind))
        self._joined(group, name, kind)
        self.loop(f"name of {kind}", self._stays[name, kind], self._report_s)

    def _joined(self, group: ServiceGroup, name: str, kind: str) -> None:
        try:
            group.join(name, kind)
        except errors.StoreDown as error:
            LOG.warning("%s; %s joins when it can be reached", error, name)

    def _serve(self, to: Address, endpoint: object, interval_s: float = 0.0) -> Pulse:
        ttl_s = down_time_s(self._conf)
        pulse = Pulse(self._line, to, endpoint, self._clock, ttl_s, interval_s)
        self.on_stop(pulse.stop)
        return pulse


def over_broker(conf: cfg.ConfigOpts, reach: Reach) -> tuple[Parts, Database, ServiceGroup]:
    """The beginning of a program that knows the database, in a deployment of many."""
    from minicloud.rpc.broker import BrokerLine  # an embedded cloud does without

    clock = SystemClock()
    books = database(conf, clock, reach)
    line = BrokerLine(conf)
    running = Parts(conf, line, clock, reach)
    running.on_stop(books.dispose)
    running.on_stop(line.close)
    group = service_group(conf, books)
    running.on_stop(group.close)
    return running, books, group
