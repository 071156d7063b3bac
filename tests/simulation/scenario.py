"""One run from a seed: a workload, faults meanwhile, then calm and the oracle."""

import uuid as uuids
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from minicloud.instance_states import Power
from tests.simulation import oracle
from tests.simulation.books import SimDatabase
from tests.simulation.kernel import Kernel
from tests.simulation.workload import Ledger, Workload
from tests.simulation.world import AGENTS, World

FAULTS_END_S = 40.0
CALM_S = 30.0  # after the last fault all is at rest
# A host that never comes back is waited for by a boot that fits nowhere else, on its second try
# once more: [conductor] wait_for_hosts_s, and then until the row falls due (lease_s).
CALM_WITH_A_LOST_HOST_S = CALM_S + 15.0 + 8.0
LONGEST_S = 3 * (600.0 + 1.0)  # attempts x (deadline + tick): nothing is ever later than this

_books: list[SimDatabase] = []


@dataclass
class Outcome:
    seed: int
    problems: list[str]
    digest: int
    trace: list[str]
    servers: int
    simulated_s: float


def play(seed: int, *, keep_trace: bool = False) -> Outcome:
    """Run a seed to its end. The same seed gives the same run, in every process."""
    kernel = Kernel(seed, keep_trace=keep_trace)
    with repeatable_uuids(kernel), oracle.watch_the_log(kernel):
        world = World(
            kernel,
            books(kernel),
            reclaim_s=kernel.dice.choice((0, 0, 0, 4, 1000)),
            offload_s=kernel.dice.choice((0, 0, -1, 4, 1000)),
        )
        run = _Run(kernel, world)
        run.play()
    return Outcome(
        seed, kernel.problems, kernel.digest, kernel.trace, len(run.told.created), kernel.now_s
    )


def books(kernel: Kernel) -> SimDatabase:
    """The one database, emptied: what SQLAlchemy has compiled serves every seed."""
    if not _books:
        _books.append(SimDatabase())
    _books[0].reset(kernel)
    return _books[0]


class _Run:
    def __init__(self, kernel: Kernel, world: World) -> None:
        self.kernel, self.world, self.told = kernel, world, Ledger()
        self.dice = kernel.dice
        self._back_at_s = 0.0  # when the last process that died was started again
        self._away_until_s: dict[str, float] = {}
        self._cut_until_s = self._goes_on_s = 0.0
        self._workload = Workload(kernel, world, self.told, self._soon)
        self._crashes = self.dice.choice((0.0, 0.001, 0.003, 0.01, 0.03))

    def play(self) -> None:
        kernel, world = self.kernel, self.world
        world.start_all()
        kernel.run_until(6.0)
        workload = self._workload
        workload.begin()
        kernel.run_until(8.0)
        self._faults_begin()
        workload.plan()
        if kernel.chance(0.1):
            self._soon(self._tamper)
        while kernel.now_s < 8.0 + FAULTS_END_S:
            kernel.run_until(kernel.now_s + 0.25)
            self._raise_the_dead()
        self._faults_end()
        if self.told.lost_hosts and kernel.chance(0.7):
            kernel.run_until(self._back_at_s + 22.0)
            workload.evacuate_all(self.told.lost_hosts)
            self._back_at_s = kernel.now_s
        calm_s = CALM_WITH_A_LOST_HOST_S if self.told.lost_hosts else CALM_S
        kernel.run_until(self._back_at_s + calm_s)
        oracle.check_rest(kernel, world.books)
        self._wait_for_rest()
        oracle.check_all(world, self.told)

    # Faults.

    def _faults_begin(self) -> None:
        dice, world, books = self.dice, self.world, self.world.books
        books.crash = self._crashes
        books.conflict, books.cut = dice.choice(((0.0, 0.0), (0.02, 0.0), (0.02, 0.01)))
        world.weather.lost = dice.choice((0.0, 0.0, 0.02, 0.1, 0.5))
        world.weather.doubled = dice.choice((0.0, 0.1))
        world.weather.late = dice.choice((0.0, 0.05, 0.2))
        world.misfortune.hypervisor = dice.choice((0.0, 0.0, 0.05))
        world.misfortune.slow = dice.choice((0.0, 0.0, 0.1, 0.3))
        # Now and then an act ends after its task was given up.
        world.misfortune.slow_s = dice.choice(((0.5, 6.0),) * 7 + ((85.0, 130.0),))
        for _ in range(dice.choice((0, 1, 3))):
            self._soon(lambda: self._kill(dice.choice(world.names)))
        if self.kernel.chance(0.15):
            self._soon(self._kill_all)
        if self.kernel.chance(0.2):
            self._soon(self._broker_outage)
        if self.kernel.chance(0.2):
            self._soon(lambda: self._lose_for_good("agent-2"))
        if self.kernel.chance(0.25):
            self._soon(lambda: self._away("agent-1", dice.uniform(18.0, 60.0)))
        if self.kernel.chance(0.25):
            agent = dice.choice(tuple(AGENTS))
            self._soon(lambda: self._stop(agent, dice.uniform(1.0, 60.0)))
        if self.kernel.chance(0.25):
            name = dice.choice(("agent-1", "agent-2", "conductor-1", "scheduler-1"))
            self._soon(lambda: self._cut_off(name, dice.uniform(3.0, 30.0)))

    def _soon(self, work: Callable[[], None]) -> None:
        self.kernel.after(self.dice.uniform(0.0, FAULTS_END_S - 1.0), work)

    def _kill(self, name: str) -> None:
        if name in self.world.processes:
            self.world.kill(name)

    def _kill_all(self) -> None:
        for name in self.world.names:
            self._kill(name)

    def _broker_outage(self) -> None:
        self.kernel.say("broker", "DOWN")
        self.world.weather.down = True
        self.kernel.after(self.dice.uniform(1.0, 12.0), self._broker_back)

    def _broker_back(self) -> None:
        if self.world.weather.down:
            self.kernel.say("broker", "up")
            self.world.weather.down = False
            self._back_at_s = max(self._back_at_s, self.kernel.now_s)

    def _lose_for_good(self, agent: str) -> None:
        self._kill(agent)
        self.told.lost_hosts |= set(AGENTS[agent])

    def _away(self, name: str, seconds: float) -> None:
        """Dead for about as long as it takes to be given up."""
        self._away_until_s[name] = self.kernel.now_s + seconds
        self._kill(name)
        if self.kernel.chance(0.5):
            hosts = AGENTS[name]
            for moment_s in range(21, int(seconds), 3):
                self.kernel.after(moment_s, lambda: self._workload.evacuate_all(hosts))

    def _stop(self, name: str, seconds: float) -> None:
        """Stopped, given up perhaps and evacuated, and then it goes on where it was."""
        if not self.world.processes[name].alive:
            return
        self.world.stop(name)
        self._goes_on_s = max(self._goes_on_s, self.kernel.now_s + seconds)
        self.kernel.after(seconds, lambda: self.world.go_on(name))
        for moment_s in range(21, int(seconds), 3):
            self.kernel.after(moment_s, lambda: self._workload.evacuate_all(AGENTS[name]))

    def _cut_off(self, name: str, seconds: float) -> None:
        """It runs and does its work, and nobody hears of it."""
        self.kernel.say(name, "CUT OFF")
        self.world.weather.cut_off.add(name)
        self._cut_until_s = self.kernel.now_s + seconds
        self.kernel.after(seconds, lambda: self._reconnect(name))

    def _reconnect(self, name: str) -> None:
        self.kernel.say(name, "connected again")
        self.world.weather.cut_off.discard(name)

    def _raise_the_dead(self) -> None:
        """Start what died, some time later."""
        for name in self.world.dead():
            if name == "api":
                self.world.zone = None
            if set(AGENTS.get(name, ())) & self.told.lost_hosts:
                continue
            if self.kernel.now_s >= self._away_until_s.get(name, 0.0) and self.kernel.chance(0.1):
                self._start(name)

    def _start(self, name: str) -> None:
        self.world.start(name)
        self._back_at_s = max(self._back_at_s, self.kernel.now_s)

    def _faults_end(self) -> None:
        world = self.world
        world.books.crash = world.books.conflict = world.books.cut = 0.0
        world.weather.lost = world.weather.doubled = world.weather.late = 0.0
        world.misfortune.hypervisor = world.misfortune.slow = 0.0
        self.kernel.say("faults", "END")
        self._back_at_s = self.kernel.now_s
        self._broker_back()
        busy_until_s = world.misfortune.busy_until_s
        self._back_at_s = max(self._back_at_s, self._cut_until_s, self._goes_on_s, busy_until_s)
        for name in world.dead():
            if not set(AGENTS.get(name, ())) & self.told.lost_hosts:
                away_until_s = max(self._away_until_s.get(name, 0.0), self.kernel.now_s)
                self._back_at_s = max(self._back_at_s, away_until_s)
                self.kernel.at(away_until_s, lambda name=name: self._start(name))  # type: ignore[misc]

    def _wait_for_rest(self) -> None:
        """Until nothing is under way, and then until every host has looked at all its guests."""
        kernel, world = self.kernel, self.world
        end_s = kernel.now_s + LONGEST_S
        while not oracle.is_at_rest(world.books) and kernel.now_s < end_s:
            kernel.run_until(kernel.now_s + 5.0)
        kernel.run_until(kernel.now_s + 20.0)

    def _tamper(self) -> None:
        """A guest is shut down from inside, or lost."""
        for agent, hosts in AGENTS.items():
            store = self.world.stores[agent]
            for host in hosts:
                for uuid, guest in sorted(store.list(host).items()):
                    self.told.tampered.add(uuid)
                    if self.kernel.chance(0.5):
                        self.kernel.say(host, f"{uuid[:8]} is shut down from inside")
                        store.put(host, guest.at(Power.SHUTDOWN))
                    else:
                        self.kernel.say(host, f"{uuid[:8]} is lost")
                        store.remove(host, uuid)
                    return


@contextmanager
def repeatable_uuids(kernel: Kernel) -> Iterator[None]:
    """Ids from the dice: much is sorted by them."""

    def uuid4(*_nothing: Any) -> uuids.UUID:
        return uuids.UUID(int=kernel.dice.getrandbits(128), version=4)

    with mock.patch("uuid.uuid4", uuid4):
        yield
