"""Puts the parts together: the same for one process and for many."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

from oslo_config import cfg
from sqlalchemy.orm import Session
from stevedore import ExtensionManager

from minicloud import errors
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.rpc import compute as compute_rpc
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc import scheduler as scheduler_rpc
from minicloud.rpc.line import Line
from minicloud.runtime import dice
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.steps import Reach
from minicloud.servicegroup.base import CONDUCTOR, SCHEDULER, ServiceGroup
from minicloud.zones.local import LocalZone
from minicloud.zones.local.acting import RefusedBy
from minicloud.zones.wakes import Wakes


def plugin(namespace: str, name: str, option: str) -> Callable[..., object]:
    """The entry point of this name. CannotStart, with the names there are, when there is none."""
    found = {extension.name: extension.plugin for extension in ExtensionManager(namespace)}
    if name not in found:
        known = ", ".join(sorted(found))
        raise errors.CannotStart(f"{option}: there is no {name!r}; known are {known}")
    chosen: Callable[..., object] = found[name]
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
    driver = plugin(
        "minicloud.servicegroup.drivers", conf.servicegroup.driver, "[servicegroup] driver"
    )
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

    def stop(self) -> None:
        self._running.close()

    def on_stop(self, work: Callable[[], object]) -> None:
        self._running.callback(work)

    def zone(self, books: Database, group: ServiceGroup) -> LocalZone:
        timeout_s = self._conf.rpc.call_timeout_s
        compute = compute_rpc.ComputeClient(self._line, timeout_s)
        wakes = Wakes(conductor_rpc.ConductorClient(self._line, timeout_s), compute)
        wakes.loop = self._loop("wakes", wakes.step, 60.0, self._conf.api.gather_s)
        return LocalZone(self._conf, books, group, wakes, compute, refused_by(self._conf))

    def conductor(self, books: Database, group: ServiceGroup, name: str) -> None:
        from minicloud.conductor.service import Conductor

        timeout_s = self._conf.rpc.call_timeout_s
        scheduler = scheduler_rpc.SchedulerClient(self._line, timeout_s)
        compute = compute_rpc.ComputeClient(self._line, timeout_s)
        conductor = Conductor(self._conf, books, group, scheduler, compute)
        options = self._conf.conductor
        self._join(group, name, CONDUCTOR)
        conductor.loop = self._loop("conductor", conductor.step, options.tick_s, options.gather_s)
        self._serve(
            conductor_rpc.TOPIC,
            conductor_rpc.VERSION,
            name,
            conductor_rpc.ConductorEndpoint(conductor),
        )

    def scheduler(self, books: Database, group: ServiceGroup, name: str) -> None:
        from minicloud.scheduler.service import Scheduler

        compute = compute_rpc.ComputeClient(self._line, self._conf.rpc.call_timeout_s)
        scheduler = Scheduler(self._conf, books, group, compute, dice.new())
        self._join(group, name, SCHEDULER)
        self._serve(
            scheduler_rpc.TOPIC,
            scheduler_rpc.VERSION,
            name,
            scheduler_rpc.SchedulerEndpoint(scheduler),
        )

    def compute(self, name: str) -> None:
        """The agent; it knows no database, so this works in a program without one."""
        from minicloud.compute.service import Agent
        from minicloud.runtime.workers import ThreadWorkers

        make = plugin("minicloud.compute.drivers", self._conf.compute.driver, "[compute] driver")
        driver = make(self._conf, self._clock, name)
        count = self._conf.compute.max_concurrent_operations
        workers, builders = ThreadWorkers("compute", count), ThreadWorkers("build", count)
        self.on_stop(workers.stop)
        self.on_stop(builders.stop)
        conductor = conductor_rpc.ConductorClient(self._line, self._conf.rpc.call_timeout_s)
        agent = Agent(
            self._conf,
            name,
            driver,  # type: ignore[arg-type]
            conductor,
            self._clock,
            workers,
            self._reach,
            builders,
        )
        self._serve(
            compute_rpc.TOPIC, compute_rpc.VERSION, name, compute_rpc.ComputeEndpoint(agent)
        )
        agent.step()  # the hosts are known, and alive, before the program says that it serves
        options = self._conf.compute
        agent.loop = self._loop("compute", agent.step, options.poll_interval_s, options.gather_s)

    def beat(self, group: ServiceGroup) -> None:
        """Renew what this program joined; the last thing to start."""
        self._loop("servicegroup", group.beat, self._conf.servicegroup.report_interval_s)

    def _join(self, group: ServiceGroup, name: str, kind: str) -> None:
        group.join(name, kind)
        self.on_stop(lambda: group.leave(name, kind))

    def _serve(self, topic: str, version: str, name: str, endpoint: object) -> None:
        self.on_stop(self._line.serve(topic, version, name, endpoint).stop)

    def _loop(
        self, name: str, step: Callable[[], None], interval_s: float, gather_s: float = 0.0
    ) -> Loop:
        loop = Loop(name, step, interval_s, self._clock, gather_s)
        loop.start()
        self.on_stop(loop.stop)
        return loop


def over_broker(conf: cfg.ConfigOpts, reach: Reach) -> tuple[Parts, Database, ServiceGroup]:
    """The beginning of a program that knows the database, in a deployment of many."""
    from minicloud.rpc.broker import BrokerLine  # an embedded cloud does without

    clock = SystemClock()
    books = database(conf, clock, reach)
    line = BrokerLine(conf)
    running = Parts(conf, line, clock, reach)
    running.on_stop(books.dispose)
    running.on_stop(line.close)
    return running, books, service_group(conf, books)
