"""What a promise is shown on: a store, members in processes of their own, readers here."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import sqlalchemy as sa
from tooz import coordination

from minicloud.cmd.parts import database, service_group
from minicloud.db import services
from minicloud.db.models import Service
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.steps import nothing
from minicloud.servicegroup.base import ServiceGroup
from tests.contract.servicegroup import member as program
from tests.contract.servicegroup.eyes import PATIENCE_S, Eyes, Stalls
from tests.contract.servicegroup.member import Membership, Plan
from tests.contract.servicegroup.place import Place
from tests.contract.servicegroup.proxy import Proxy
from tests.contract.servicegroup.store import Store

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.contract.servicegroup.preloaded"])
_NUMBERS = itertools.count(1)
_CLOCK = SystemClock()
_RENEW_S = 0.1


class Member:
    """A process that is a member, and what it has said."""

    def __init__(self, plan: Plan) -> None:
        self.name = plan.name
        self._line, far = _FORKS.Pipe()
        self._said: list[tuple[str, Any]] = []
        self.began = _CLOCK.monotonic()
        self._process = _FORKS.Process(target=program.main, args=(plan, far), daemon=True)
        self._process.start()
        far.close()

    def says(self, *what: str) -> tuple[str, Any]:
        """Wait until it says one of these."""
        end = _CLOCK.monotonic() + PATIENCE_S
        while True:
            for word in self._said:
                if word[0] in what:
                    self._said.remove(word)
                    return word
            assert self._line.poll(max(0.0, end - _CLOCK.monotonic())), f"{self.name}: no {what}"
            self._said.append(_received(self._line))

    def told(self, what: str, value: object = True) -> float:
        """Tell it something; when it has done it."""
        self._line.send((what, value))
        self.says(what)
        return _CLOCK.monotonic()

    @property
    def slowest_renewal_s(self) -> float:
        self._line.send(("slowest", None))
        return float(self.says("slowest")[1])

    def kill(self) -> float:
        """kill -9; the moment before."""
        before = _CLOCK.monotonic()
        self._process.kill()
        self._process.join()
        return before

    def send(self, number: signal.Signals) -> float:
        before = _CLOCK.monotonic()
        assert self._process.pid is not None
        os.kill(self._process.pid, number)
        return before


@dataclass(frozen=True)
class Held:
    """A lease of this process that is renewed by a loop."""

    membership: Membership
    stop: Callable[[], object]

    def end(self) -> None:
        self.stop()
        self.membership.leave()


def _received(line: Connection) -> tuple[str, Any]:
    try:
        what, value = line.recv()
    except EOFError:
        return "ended", None
    return str(what), value


class Scene:
    """One promise at one store, in a group of its own."""

    def __init__(self, store: Store, stalls: Stalls, group: str = "") -> None:
        self.store, self.driver, self._stalls = store, store.driver, stalls
        self.group = group or f"nova-group-{next(_NUMBERS)}"
        self.ttl_s = store.place.ttl_s
        self._stack = ExitStack()
        if self.driver == "db":
            self.repeat(self._see_witness)

    def _see_witness(self) -> None:
        """Where nobody at all is written down, nobody is called down for it either."""
        now, witnesses = self.store.books.now(), f"{self.group}-witness"
        self.store.books.write(lambda db: services.seen(db, witnesses, ["witness"], now))

    def close(self) -> None:
        self._stack.close()

    def member(self, name: str, epoch: int = 1, through: Proxy | None = None) -> Member:
        """One that has joined, in a process of its own, or will as soon as the store answers."""
        started = self.start(name, epoch, through)
        said = started.says("joined", "taken", "failed", "waits", "ended")
        assert said[0] in ("joined", "waits"), f"{name}: {said}"
        return started

    def start(self, name: str, epoch: int = 1, through: Proxy | None = None) -> Member:
        self.enlist([name])
        plan = Plan(self.place(through), self.group, name, {name: epoch})
        started = Member(plan)
        self._stack.callback(started.kill)
        return started

    def hold(self, name: str = "agent", through: Proxy | None = None) -> Membership:
        """A lease of this process, not joined yet."""
        held = program.membership(self.place(through), name, _CLOCK)
        self._stack.callback(held.close)
        return held

    def lease(self, name: str, hosts: Iterable[str]) -> "Held":
        """One that has joined and is renewed, in this process."""
        held = self.hold(name)
        held.join(dict.fromkeys(hosts, 1), self.group)
        return Held(held, self.repeat(held.renew))

    def repeat(self, work: Callable[[], None], every_s: float = _RENEW_S) -> Callable[[], object]:
        """Do it all the time; returns what ends it."""
        loop = Loop("renew", work, every_s, _CLOCK)
        loop.start()
        self._stack.callback(loop.stop)
        return loop.stop

    def reader(self, through: Proxy | None = None, clock: Clock | None = None) -> ServiceGroup:
        place = self.place(through)
        books = database(place.conf(), clock or _CLOCK, nothing)
        self._stack.callback(books.dispose)
        group = service_group(place.conf(), books)
        self._stack.callback(group.close)
        return group

    def eyes(self, through: Proxy | None = None, clock: Clock | None = None) -> Eyes:
        found = Eyes(self.reader(through, clock), self.group, self._stalls)
        self._stack.callback(found.close)
        return found

    def proxy(self) -> Proxy:
        made = Proxy(self.store.server.port)
        self._stack.callback(made.close)
        return made

    def place(self, through: Proxy | None = None) -> Place:
        place = self.store.place_at(through.port) if through else self.store.place
        return replace(place, ttl_s=self.ttl_s)

    def enlist(self, names: Iterable[str]) -> None:
        """Known from now on; not heard of yet."""
        binary, wanted = self.group, list(names)

        def work(db: Any) -> None:
            missing = sorted(set(wanted) - services.names(db, binary))
            services.seen(db, binary, missing, self.store.books.now())
            these = (Service.binary == binary, Service.host.in_(missing))
            db.execute(sa.update(Service).where(*these).values(last_seen_up=None))

        self.store.books.write(work)

    def mark(self, name: str, **values: object) -> None:
        """What an operator says of it."""
        this = (Service.binary == self.group, Service.host == name)
        statement = sa.update(Service).where(*this).values(**values)
        self.store.books.write(lambda db: db.execute(statement) and None)

    @contextmanager
    def onlooker(self) -> Iterator[Callable[[], set[str]]]:
        """What another program is told of groups: by tooz alone, or by the database."""
        if self.driver == "db":
            yield lambda: {row.binary for row in self.store.books.read(services.of_group)}
            return
        tooz = coordination.get_coordinator(self.store.place.url, b"onlooker")
        tooz.start()
        try:
            yield lambda: {group.decode() for group in tooz.get_groups().get(timeout=10)}
        finally:
            tooz.stop()

    def now(self) -> float:
        return _CLOCK.monotonic()

    def until(self, met: Callable[[], object]) -> None:
        end = self.now() + PATIENCE_S
        while not met():
            assert self.now() < end, "it did not come to pass"
            _CLOCK.sleep(0.02)

    def wait(self, seconds: float) -> None:
        """Let so much time pass, as that is what the promise is about."""
        _CLOCK.sleep(seconds)
