"""A program that is a member: it joins, renews in a loop, and tells what it is told.

It is forked by a server that has imported everything, so that many can be started at little cost.
"""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Protocol

from minicloud.cmd.parts import database, service_group
from minicloud.conf.servicegroup import flush_interval_s
from minicloud.errors import MinicloudError, NameTaken, StoreDown
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.loop import Loop
from minicloud.runtime.steps import nothing
from minicloud.servicegroup.leases import is_kept_in_store, lease_of
from tests.contract.servicegroup.place import Place

_STEP_S = 0.1


class JumpingClock(SystemClock):
    """Its time of day is set now and then; its monotonic time goes on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(frozen=True)
class Plan:
    """Who it is to be, and where; `members` are name -> epoch."""

    place: Place
    group: str
    name: str
    members: Mapping[str, int] = field(default_factory=dict)


class Membership(Protocol):
    def join(self, members: Mapping[str, int], group: str) -> None: ...
    def renew(self) -> None: ...
    def leave(self) -> None: ...
    def close(self) -> None: ...
    @property
    def lost_to(self) -> str | None: ...


class Reporting:
    """With the driver `db`: what a conductor does for an agent that reports to it."""

    lost_to: str | None = None

    def __init__(self, place: Place, clock: Clock) -> None:
        conf = place.conf()
        self._books = database(conf, clock, nothing)
        self._group = service_group(conf, self._books)
        self._members: Mapping[str, int] = {}
        self._in = ""
        self._loop = Loop("beat", self._group.beat, flush_interval_s(conf), clock)

    def join(self, members: Mapping[str, int], group: str) -> None:
        self._members, self._in = members, group
        self._group.renew(list(members), group)
        self._group.beat()
        self._loop.start()

    def renew(self) -> None:
        self._group.renew(list(self._members), self._in)

    def leave(self) -> None:
        for member in self._members:
            self._group.leave(member, self._in)
        self._members = {}

    def close(self) -> None:
        self._loop.stop()
        self._group.close()
        self._books.dispose()


def membership(place: Place, name: str, clock: Clock) -> Membership:
    conf = place.conf()
    if not is_kept_in_store(conf):
        return Reporting(place, clock)
    return lease_of(conf, name, clock)


def main(plan: Plan, line: Connection) -> None:
    """Until the other end says `end`; it tells (what, of what) and is told (what, of what)."""
    logging.disable(logging.CRITICAL)
    clock = JumpingClock()
    try:
        held = membership(plan.place, plan.name, clock)
        _Program(plan, line, clock, held).run()
    except NameTaken as error:
        line.send(("taken", str(error)))
    except MinicloudError as error:
        line.send(("failed", f"{type(error).__name__}: {error}"))
    except (EOFError, BrokenPipeError):
        pass  # the test is over


class _Program:
    def __init__(
        self, plan: Plan, line: Connection, clock: JumpingClock, held: Membership
    ) -> None:
        self._plan, self._line, self._clock, self._held = plan, line, clock, held
        self._renews, self._told_lost = True, False
        self._slowest_s = 0.0

    def run(self) -> None:
        try:
            self._held.join(self._plan.members, self._plan.group)
            self._line.send(("joined", ""))
        except StoreDown as error:
            self._line.send(("waits", str(error)))
        while True:
            if self._line.poll(_STEP_S) and not self._obey(*self._line.recv()):
                return
            if self._renews:
                self._renew()
            if self._held.lost_to is not None and not self._told_lost:
                self._told_lost = True
                self._line.send(("lost", self._held.lost_to))

    def _renew(self) -> None:
        began = time.monotonic()
        with suppress(MinicloudError):  # a conductor answers the agent so, and hears of it again
            self._held.renew()
        self._slowest_s = max(self._slowest_s, time.monotonic() - began)

    def _obey(self, what: str, value: object) -> bool:
        if what == "renew":
            self._renews = bool(value)
        elif what == "leave":
            self._renews = False
            self._held.leave()
        elif what == "jump":
            _jump(self._clock, value)
        elif what == "slowest":
            self._line.send(("slowest", self._slowest_s))
            return True
        elif what == "end":
            return False
        self._line.send((what, value))
        return True


def _jump(clock: JumpingClock, value: object) -> None:
    """The machine's time of day is set: for the clock that is handed in, and for libraries."""
    assert isinstance(value, float)
    clock.ahead = timedelta(seconds=value)
    time_of_day = _TIME_OF_DAY
    time.time = lambda: time_of_day() + value


_TIME_OF_DAY = time.time
