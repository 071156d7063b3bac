"""A cloud of simulated processes: what `cmd/parts.py` puts together, on one thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oslo_config import cfg

from minicloud.compute.drivers.fake import FakeDriver
from minicloud.compute.drivers.guests import GuestStore
from minicloud.compute.enlistment import Enlistment
from minicloud.compute.service import Agent
from minicloud.conductor import duties
from minicloud.conductor.service import Conductor
from minicloud.conf.servicegroup import down_time_s, flush_interval_s
from minicloud.errors import HypervisorError
from minicloud.rpc import compute as compute_rpc
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc import scheduler as scheduler_rpc
from minicloud.runtime import dice as chance
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import CONDUCTOR, SCHEDULER
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.election import DutyElection
from minicloud.zones.local import LocalZone
from minicloud.zones.wakes import Wakes
from tests.options import defaults
from tests.simulation.books import SimDatabase
from tests.simulation.kernel import Kernel, Process, SimClock, SimLoop, SimWorkers
from tests.simulation.line import Bus, SimLine, Weather

_ELECTION_S = 5.0  # between two looks: a quarter of the down time
AGENTS = {"agent-1": ["h1", "h2"], "agent-2": ["h3"]}


@dataclass
class Misfortune:
    """What goes wrong on hosts."""

    hypervisor: float = 0.0  # an act on a guest, or a look at all of them, fails
    slow: float = 0.0  # an act on a guest takes long
    slow_s: tuple[float, float] = (0.0, 0.0)  # how long
    busy_until_s: float = 0.0  # when the last of them ends


class FlakyDriver(FakeDriver):
    """The fake driver, failing and dawdling when the dice say so."""

    def __init__(
        self, conf: cfg.ConfigOpts, clock: SimClock, store: GuestStore, world: "World"
    ) -> None:
        super().__init__(conf, clock, "", store)
        self._world = world

    def _trip(self, what: str) -> None:
        if self._world.kernel.chance(self._world.misfortune.hypervisor):
            error = HypervisorError(f"the simulated {what} failed")
            error.injected = True  # type: ignore[attr-defined]
            raise error

    def _try(self, what: str) -> None:
        kernel, misfortune = self._world.kernel, self._world.misfortune
        if kernel.chance(misfortune.slow):
            seconds = kernel.dice.uniform(*misfortune.slow_s)
            misfortune.busy_until_s = max(misfortune.busy_until_s, kernel.now_s + seconds)
            kernel.say("hypervisor", f"{what} takes {seconds:.1f} s")
            kernel.pause(seconds)
        self._trip(what)

    def list(self, host: str):  # type: ignore[no-untyped-def]
        self._trip("look at all guests")
        return super().list(host)

    def spawn(self, host: str, *how: Any) -> None:
        self._try("spawn")
        super().spawn(host, *how)

    def rebuild(self, host: str, *how: Any) -> None:
        self._try("rebuild")
        super().rebuild(host, *how)

    def destroy(self, host: str, uuid: str) -> None:
        self._try("destroy")
        super().destroy(host, uuid)

    def power_on(self, host: str, uuid: str, label: int) -> None:
        self._try("power on")
        super().power_on(host, uuid, label)

    def power_off(self, host: str, uuid: str) -> None:
        self._try("power off")
        super().power_off(host, uuid)

    def reboot(self, host: str, uuid: str, label: int, *, hard: bool) -> None:
        self._try("reboot")
        super().reboot(host, uuid, label, hard=hard)

    def pause(self, host: str, uuid: str) -> None:
        self._try("pause")
        super().pause(host, uuid)

    def suspend(self, host: str, uuid: str) -> None:
        self._try("suspend")
        super().suspend(host, uuid)

    def rescue(self, host: str, *how: Any) -> None:
        self._try("rescue")
        super().rescue(host, *how)

    def unrescue(self, host: str, uuid: str, label: int) -> None:
        self._try("unrescue")
        super().unrescue(host, uuid, label)

    def snapshot(self, host: str, *how: Any) -> None:
        self._try("snapshot")
        super().snapshot(host, *how)

    def set_password(self, host: str, *how: Any) -> None:
        self._try("set password")
        super().set_password(host, *how)


class World:
    """All processes by name; those that die are built anew by whoever kills them."""

    def __init__(
        self, kernel: Kernel, books: SimDatabase, reclaim_s: int = 0, offload_s: int = 0
    ) -> None:
        self.kernel, self.books = kernel, books
        self.reclaim_s, self.offload_s = reclaim_s, offload_s
        conf_of("control").set_override("reclaim_instance_interval", reclaim_s)
        conf_of("control").set_override("shelved_offload_time", offload_s)
        self.weather, self.misfortune = Weather(), Misfortune()
        self.bus = Bus(kernel, self.weather)
        self.stores = {agent: store_for(agent) for agent in AGENTS}
        self.processes: dict[str, Process] = {}
        self.zone: LocalZone | None = None  # of the API process; None while it is down
        self._clock = SimClock(lambda: self.kernel)
        self._owners: dict[str, Process] = {}  # by nonce
        self._builders: dict[str, Callable[[Process], None]] = {
            "conductor-1": self._conductor,
            "conductor-2": self._conductor,
            "scheduler-1": self._scheduler,
            "scheduler-2": self._scheduler,
            **dict.fromkeys(AGENTS, self._agent),
            "api": self._api,
        }

    def start_all(self) -> None:
        for name in self._builders:
            self.start(name)

    def start(self, name: str) -> None:
        """A new process of this name, unless one runs."""
        there = self.processes.get(name)
        if there is not None and there.alive:
            return
        self.kernel.say(name, "starts")
        process = self.processes[name] = Process(self.kernel, name)
        process.start(lambda: self._builders[name](process))

    def kill(self, name: str) -> None:
        process = self.processes[name]
        if process.alive:
            self.kernel.say(name, "KILLED")
            process.kill()

    def stop(self, name: str) -> None:
        """It does nothing, and does not know it, until it goes on."""
        self.kernel.say(name, "STOPPED")
        self.processes[name].stop()

    def go_on(self, name: str) -> None:
        process = self.processes[name]
        if process.stopped and process.alive:
            self.kernel.say(name, "goes on")
            process.go_on()

    @property
    def names(self) -> list[str]:
        return list(self._builders)

    def dead(self) -> list[str]:
        return [name for name, process in self.processes.items() if not process.alive]

    def _group(self) -> DbDriver:
        return DbDriver(conf_of("control"), self.books, chance.new(self._seed()))

    def _seed(self) -> int:
        return self.kernel.dice.randrange(1 << 30)

    def _conductor(self, process: Process) -> None:
        conf, line, group = conf_of("control"), SimLine(self.bus, process), self._group()
        scheduler = scheduler_rpc.SchedulerClient(line, conf.rpc.call_timeout_s)
        compute = compute_rpc.ComputeClient(line, conf.rpc.call_timeout_s)
        election = DutyElection(self.books, process.name, down_time_s(conf), names=duties.WHAT)
        SimLoop(process, "election", election.keep, _ELECTION_S)
        conductor = Conductor(conf, self.books, group, scheduler, compute, election)
        group.join(process.name, CONDUCTOR)
        conductor.loop = SimLoop(process, "conductor", conductor.step, conf.conductor.tick_s)
        endpoint = conductor_rpc.ConductorEndpoint(conductor)
        line.serve(conductor_rpc.TOPIC, conductor_rpc.VERSION, process.name, endpoint)
        self._beat(process, group)

    def _scheduler(self, process: Process) -> None:
        conf, line, group = conf_of("control"), SimLine(self.bus, process), self._group()
        compute = compute_rpc.ComputeClient(line, conf.rpc.call_timeout_s)
        scheduler = Scheduler(conf, self.books, group, compute, chance.new(self._seed()))
        group.join(process.name, SCHEDULER)
        endpoint = scheduler_rpc.SchedulerEndpoint(scheduler)
        line.serve(scheduler_rpc.TOPIC, scheduler_rpc.VERSION, process.name, endpoint)
        self._beat(process, group)

    def _agent(self, process: Process) -> None:
        conf, line = conf_of(process.name), SimLine(self.bus, process)
        driver = FlakyDriver(conf, self._clock, self.stores[process.name], self)
        conductor = conductor_rpc.ConductorClient(line, conf.rpc.call_timeout_s)
        agent = Agent(
            conf,
            process.name,
            driver,
            conductor,
            self._clock,
            SimWorkers(process),
            self.books.reached,
            enlistment=self._enlistment(process, conductor, down_time_s(conf)),
        )
        endpoint = compute_rpc.ComputeEndpoint(agent)
        line.serve(compute_rpc.TOPIC, compute_rpc.VERSION, process.name, endpoint)
        agent.loop = SimLoop(process, "agent", agent.step, conf.compute.poll_interval_s)

    def _enlistment(
        self, process: Process, conductor: conductor_rpc.ConductorClient, ttl_s: float
    ) -> Enlistment:
        """Its successor knows that it has ended when it has."""
        name, number = process.name, len(self._owners)
        owner = {"nonce": f"{name} {number}", "program": name, "machine": "m", "pid": number}
        self._owners[str(owner["nonce"])] = process
        return Enlistment(
            name,
            AGENTS[name],
            conductor,
            self._clock,
            ttl_s,
            owner,
            lambda other: not self._owners[other["nonce"]].alive,
        )

    def _api(self, process: Process) -> None:
        conf, line = conf_of("control"), SimLine(self.bus, process)
        compute = compute_rpc.ComputeClient(line, conf.rpc.call_timeout_s)
        conductor = conductor_rpc.ConductorClient(line, conf.rpc.call_timeout_s)
        wakes = Wakes(conductor, compute)
        wakes.loop = SimLoop(process, "wakes", wakes.step, 60.0)
        self.zone = LocalZone(conf, self.books, self._group(), wakes, compute)

    def _beat(self, process: Process, group: DbDriver) -> None:
        SimLoop(process, "servicegroup", group.beat, flush_interval_s(conf_of("control")))


_confs: dict[str, cfg.ConfigOpts] = {}
_stores: dict[str, GuestStore] = {}


def conf_of(name: str) -> cfg.ConfigOpts:
    """The options of a program; made once, since a thousand seeds use the same."""
    if name not in _confs:
        conf = defaults()
        for option in ("instances", "cores", "ram"):
            conf.set_override(option, -1, "quota")
        conf.set_override("hosts", AGENTS.get(name, []), "compute")
        conf.set_override("cpu_allocation_ratio", 1.0, "compute")
        conf.set_override("ram_allocation_ratio", 1.0, "compute")
        conf.set_override("reserved_host_memory_mb", 0, "compute")
        for option, value in (("vcpus", 4), ("memory_mb", 4096), ("disk_gb", 40)):
            conf.set_override(option, value, "fake")
        _confs[name] = conf
    return _confs[name]


def store_for(agent: str) -> GuestStore:
    """An empty store of guests, outside of the agent's process."""
    if agent not in _stores:
        _stores[agent] = GuestStore(None)
    store = _stores[agent]
    for host in AGENTS[agent]:
        for uuid in store.list(host):
            store.remove(host, uuid)
    return store
