"""The compute agent: keeps its hosts' guests as the database wants them.

One step asks the conductor for assignments, compares them with what runs, acts, and reports what
it sees. What takes long goes on beside the loop and is reported by a later step.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from oslo_config import cfg

from minicloud import errors
from minicloud.compute import converge, inventory
from minicloud.compute.converge import MAKING, Act, Verb
from minicloud.compute.drivers.base import Driver, Guest, GuestSpec
from minicloud.compute.enlistment import Enlistment
from minicloud.compute.membership import Membership
from minicloud.compute.monitors import Monitors
from minicloud.conf.servicegroup import down_time_s
from minicloud.context import speak_for
from minicloud.instance_states import TASKS, Power, Task
from minicloud.rpc.conductor import Assignment, ConductorClient, HostReport, Sighting
from minicloud.runtime.clock import Clock
from minicloud.runtime.loop import Wakeable
from minicloud.runtime.steps import Reach, nothing
from minicloud.runtime.workers import Workers
from minicloud.servicegroup.base import Lease
from minicloud.servicegroup.leases import NoLease

LOG = logging.getLogger(__name__)
T = TypeVar("T")
_PATIENCE_S = 0.2  # acts that end within this are reported by the step that began them


@dataclass(frozen=True)
class Purpose:
    """Why a step looks: a poll of all hosts, at every guest, at what the hosts have as well."""

    poll: bool
    look: bool
    inventory: bool


_ALL = Purpose(poll=True, look=True, inventory=True)


class Agent:
    """`step` looks at the hosts that were named, and from time to time at all of them; only at
    those that are its own (compute/enlistment.py), and first at everything on them."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        name: str,
        driver: Driver,
        conductor: ConductorClient,
        clock: Clock,
        workers: Workers,
        reach: Reach = nothing,
        builders: Workers | None = None,
        lease: Lease | None = None,
        enlistment: Enlistment | None = None,
    ) -> None:
        """`builders` spawn, which may take long; `workers` do all the rest."""
        self.name = name
        self.hosts: list[str] = list(conf.compute.hosts) or [name]
        self._options, self._agent_ip = conf.compute, str(conf.my_ip)
        self._driver, self._conductor = driver, conductor
        self._monitors = Monitors(conf.compute_monitors, driver)
        self._clock, self._workers, self._reach = clock, workers, reach
        self._builders = builders or workers
        self._enlistment = enlistment or Enlistment(
            name, self.hosts, conductor, clock, down_time_s(conf)
        )
        self._named: set[str] = set()
        self._under_way: set[str] = set()
        self._late: set[str] = set()  # under way, and the step that began them is over
        self._errors: dict[tuple[str, str, int], str] = {}  # (host, uuid, generation) -> why
        self._lock = threading.Lock()
        self._next_poll = self._next_look = self._next_inventory = clock.monotonic()
        self.loop: Wakeable | None = None
        self.membership = Membership(lease or NoLease(), clock, down_time_s(conf))

    def wake(self, hosts: Sequence[str]) -> None:
        """Look at these hosts soon."""
        with self._lock:
            self._named.update(set(hosts) & set(self.hosts))
        if self.loop is not None:
            self.loop.wake()

    @property
    def epochs(self) -> Mapping[str, int]:
        """Those of the hosts that are this agent's now."""
        return self._enlistment.epochs

    def begin(self) -> None:
        """Become the one that looks after its hosts; CannotStart where another one does."""
        self._enlistment.begin()

    def leave(self) -> None:
        """Be down at once; what is under way may take a while yet."""
        self.membership.close()
        self._tell_of_the_end(self._enlistment.leave)

    def end(self) -> None:
        """Let go of the hosts: who comes next need not wait for that."""
        self._tell_of_the_end(self._enlistment.resign)

    def _tell_of_the_end(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except errors.MinicloudError as error:
            LOG.warning("the conductor cannot be told of the end of this agent: %s", error)

    def console_output(self, host: str, uuid: str, lines: int | None) -> str:
        output = self._driver.console(host, uuid, lines)
        if output is None:
            raise errors.ConsoleLogNotFound(uuid)
        return output

    def step(self) -> None:
        now = self._clock.monotonic()
        look = now >= self._next_look
        poll = look or now >= self._next_poll
        with self._lock:
            named = sorted(self._named)
            self._named.clear()
        hosts = self.hosts if poll else named
        if not hosts:
            return
        if poll:
            self.membership.begin()
        try:
            self._visit(hosts, Purpose(poll, look, poll and now >= self._next_inventory))
        except errors.MinicloudError as error:
            LOG.warning("the conductor cannot be told (%s); looking again", error)
            if poll and isinstance(error, errors.CallTimeout):
                self.membership.go_on()
            with self._lock:
                self._named.update(hosts)
            return
        if poll:
            self.membership.renew(self.epochs)
            self._next_poll = now + self._options.poll_interval_s
        if look:
            self._next_look = now + self._options.full_look_interval_s
        if poll and now >= self._next_inventory:
            self._next_inventory = now + self._options.inventory_interval_s

    def _visit(self, hosts: Sequence[str], purpose: Purpose) -> None:
        ours = self._enlistment.renew(hosts)
        fresh = self._enlistment.fresh(ours)
        if fresh:
            self._look(fresh, _ALL)
            self._enlistment.looked(fresh)
        rest = [host for host in ours if host not in fresh]
        if rest:
            self._look(rest, purpose)

    def _look(self, hosts: Sequence[str], purpose: Purpose) -> None:
        epochs, asked_at = self._enlistment.of(hosts), self._clock.monotonic()
        orders = self._conductor.assignments(
            self.name, hosts, everything=purpose.look, epochs=epochs
        )
        hosts, assigned = self._kept(hosts, orders.stale, asked_at), orders.of
        for host in hosts:
            self._on(host, partial(self._converge, host, assigned.get(host, ())))
        if purpose.look:
            self._forget(hosts, {one.uuid for ones in assigned.values() for one in ones})
        self._builders.settle(_PATIENCE_S)
        self._workers.settle(0.0 if self._builders is self._workers else _PATIENCE_S)
        with self._lock:
            self._late |= self._under_way
        seen = (self._see(host, assigned.get(host, ()), purpose) for host in hosts)
        reports = [report for report in seen if report is not None and _is_worth(report, purpose)]
        if not reports:
            return
        self._reach("compute.report:before")
        asked_at = self._clock.monotonic()
        deaf = self.membership.is_deaf()
        answer = self._conductor.report(self.name, reports, epochs, deaf=deaf)
        self._reach("compute.report:after")
        told = [report.host for report in reports]
        self.membership.tell(self._kept(told, answer.stale, asked_at))
        for host, uuids in answer.gone.items():
            term = self._enlistment.term(host)
            for uuid in uuids:
                self._on(host, partial(self._reap, host, uuid, term))

    def _kept(self, hosts: Sequence[str], stale: Mapping[str, int], asked_at: float) -> list[str]:
        """The hosts whose epochs are what they were; the others are enlisted again soon."""
        kept = [host for host in hosts if host not in stale]
        self._enlistment.confirm(kept, asked_at)
        if stale:
            self._enlistment.lose(stale)
            self.wake(list(stale))
        return kept

    def _on(self, host: str, work: Callable[[], T]) -> T | None:
        """What the driver cannot do on one host keeps nothing else from being done."""
        try:
            return work()
        except errors.MinicloudError as error:
            LOG.warning("host %s: %s", host, error)
        except Exception:
            LOG.exception("host %s: the driver failed", host)
        return None

    def _forget(self, hosts: Sequence[str], known: Collection[str]) -> None:
        """Errors of instances that are no longer on these hosts interest nobody."""
        with self._lock:
            self._errors = {
                (host, uuid, generation): text
                for (host, uuid, generation), text in self._errors.items()
                if host not in hosts or uuid in known
            }

    def _converge(self, host: str, assignments: Iterable[Assignment]) -> None:
        guests = self._driver.list(host)
        for act in converge.diff(assignments, guests):
            uuid = act.assignment.uuid
            with self._lock:
                busy = uuid in self._under_way
                failed = (host, uuid, act.assignment.generation) in self._errors
                if not busy and not failed:
                    self._under_way.add(uuid)
            if not busy and not failed:
                self._begin(host, act)

    def _begin(self, host: str, act: Act) -> None:
        begun, term = self._clock.monotonic(), self._enlistment.term(host)
        workers = self._builders if act.verb in MAKING else self._workers
        workers.start(lambda: self._act(host, act, begun, term))

    def _act(self, host: str, act: Act, begun: float, term: int | None) -> None:
        one = act.assignment
        what = (act.verb, one.uuid, host)
        speak_for(one.request_id, one.user_id, one.project_id)
        try:
            if self._is_stale(act, begun):
                return
            self._reach(f"compute.{act.verb}:before")
            if not self._enlistment.holds(host, term):
                LOG.warning("%s %s on %s: not begun, the host may have been given up", *what)
                return
            self._do(host, act)
            self._reach(f"compute.{act.verb}:after")
            LOG.info("%s %s on %s: done", *what)
        except Exception as error:
            LOG.warning("%s %s on %s: %s", *what, error, exc_info=_is_bug(error))
            with self._lock:
                self._errors[host, one.uuid, one.generation] = _told(error)
        finally:
            with self._lock:
                self._under_way.discard(one.uuid)
                late = one.uuid in self._late
                self._late.discard(one.uuid)
            if late:
                self.wake([host])

    def _is_stale(self, act: Act, begun: float) -> bool:
        """Whether it waited for a worker for so long that the conductor has given it up."""
        task = act.assignment.task_state
        waited_s = self._clock.monotonic() - begun
        return task is not None and waited_s > TASKS[Task(task)].deadline_s / 2

    def _do(self, host: str, act: Act) -> None:
        one, driver = act.assignment, self._driver
        match act.verb:
            case Verb.SPAWN:
                driver.spawn(host, _spec(one), one.generation, _power(one))
            case Verb.REBUILD:
                driver.rebuild(host, _spec(one), one.generation, _power(one))
            case Verb.DESTROY:
                driver.destroy(host, one.uuid)
            case Verb.POWER_ON:
                driver.power_on(host, one.uuid, one.generation)
            case Verb.POWER_OFF:
                driver.power_off(host, one.uuid)
            case Verb.REBOOT | Verb.REBOOT_HARD:
                hard = act.verb is Verb.REBOOT_HARD
                driver.reboot(host, one.uuid, one.generation, hard=hard)
            case Verb.PAUSE:
                driver.pause(host, one.uuid)
            case Verb.SUSPEND:
                driver.suspend(host, one.uuid)
            case _:
                self._treat(host, act)

    def _treat(self, host: str, act: Act) -> None:
        """What needs the request's own parameters."""
        one, driver, wish = act.assignment, self._driver, act.assignment.parameters or {}
        match act.verb:
            case Verb.RESCUE:
                image, password = wish.get("image_ref"), wish.get("password_hash")
                driver.rescue(host, one.uuid, one.generation, image, password)
            case Verb.UNRESCUE:
                driver.unrescue(host, one.uuid, one.generation)
            case Verb.SNAPSHOT:
                driver.snapshot(host, one.uuid, one.generation, wish["image_id"])
            case Verb.SHELVE:
                driver.power_off(host, one.uuid)
                driver.snapshot(host, one.uuid, one.generation, wish["image_id"])
            case Verb.SET_PASSWORD:
                driver.set_password(host, one.uuid, one.generation, wish["password_hash"])

    def _see(
        self, host: str, assigned: Iterable[Assignment], purpose: Purpose
    ) -> HostReport | None:
        """What is on the host; nothing is said of a host that its driver cannot look at."""
        return self._on(host, lambda: self._seen(host, assigned, purpose))

    def _seen(self, host: str, assigned: Iterable[Assignment], purpose: Purpose) -> HostReport:
        guests = self._driver.list(host)
        found = None
        if purpose.inventory:
            has, measured = self._driver.inventory(host), self._monitors.measured(host)
            found = inventory.facts(has, self._options, measured, self._agent_ip)
        sightings = []
        for one in assigned:
            with self._lock:
                if one.uuid in self._under_way:
                    continue
                failed = self._errors.pop((host, one.uuid, one.generation), None)
            sightings.append(_sighting(one, guests, failed))
        return HostReport(host, sightings, sorted(guests) if purpose.look else None, found)

    def _reap(self, host: str, uuid: str, term: int | None) -> None:
        with self._lock:
            if uuid in self._under_way:
                return  # named again by the next full look
        if not self._enlistment.holds(host, term):
            return  # as above, once the host is this agent's again
        LOG.info("destroying %s on %s: it is no longer this host's", uuid, host)
        self._driver.destroy(host, uuid)


def _spec(one: Assignment) -> GuestSpec:
    password = (one.parameters or {}).get("password_hash")
    return GuestSpec(one.uuid, one.name, one.flavor, one.image, one.meta, password)


def _power(one: Assignment) -> Power:
    """What a guest that is made is left in."""
    return (converge.wanted_power(one) if one.task_state else None) or Power.RUNNING


def _sighting(one: Assignment, guests: Mapping[str, Guest], failed: str | None) -> Sighting:
    guest = guests.get(one.uuid)
    done = converge.reached(one, guest)
    error = None if done else failed or converge.impossible(one, guest)
    power, rescue = int(converge.power_of(guest)), guest is not None and guest.rescue
    return Sighting(one.uuid, one.generation, power, done, error, rescue)


def _is_worth(report: HostReport, purpose: Purpose) -> bool:
    """A poll is a sign of life even with nothing to tell; an answer to a wake is not."""
    return purpose.poll or bool(report.sightings)


def _told(error: Exception) -> str:
    """What the owner reads. What nobody foresaw may name what is none of their business."""
    return "an unexpected error on the host" if _is_bug(error) else str(error)


def _is_bug(error: Exception) -> bool:
    return not isinstance(error, errors.MinicloudError)
