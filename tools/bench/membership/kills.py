"""How long it takes until a member that was killed is noticed."""

import os
import signal
import socket
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from minicloud.cmd.parts import service_group
from minicloud.errors import MinicloudError
from minicloud.runtime import dice
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, ServiceGroup
from minicloud.servicegroup.leases import lease_of
from tools.bench.cloud import say
from tools.bench.membership.programs import PROCESSES
from tools.bench.membership.stores import Store, Where

_LOOK_S = 0.5  # as the programs look
_PATIENCE_S = 120.0
_CLOCK = SystemClock()


def measured(store: Store, kills: int, at_once: int, ttl_s: float) -> dict[str, Any]:
    """`kills` members killed -9, `at_once` of them living at a time."""
    noticed: list[float] = []
    false = 0
    where = store.where(ttl_s)
    where.enlist([f"node{number}" for number in range(1, kills + 1)])
    with _watching(where) as watch:
        _until(lambda: not watch.group.get_all(COMPUTE), "the end of their first moments")
        while len(noticed) < kills:
            took, died = _round(watch, min(at_once, kills - len(noticed)), len(noticed))
            noticed += took
            false += died
            say(f"{store.driver}: {len(noticed)} of {kills} kills noticed")
    cuts = statistics.quantiles(noticed, n=100, method="inclusive")
    return {
        "part": "kills",
        "driver": store.driver,
        "ttl_s": ttl_s,
        "kills": len(noticed),
        "p50_s": round(cuts[49], 2),
        "p99_s": round(cuts[98], 2),
        "most_s": round(max(noticed), 2),
        "late": sum(took > ttl_s + 1 for took in noticed),
        "false_downs": false,
    }


class _Watch:
    """Looks as a program does, and notes when members come and go."""

    def __init__(self, where: Where, group: ServiceGroup) -> None:
        self.where, self.group = where, group
        self.there: set[str] = set()
        self.gone: dict[str, float] = {}
        self.stopping = threading.Event()
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(_LOOK_S)
        self.end = group.watch(COMPUTE, self.there.add, self._left)

    @property
    def port(self) -> int:
        return int(self.ear.getsockname()[1])

    def look(self) -> None:
        while not self.stopping.wait(_LOOK_S):
            try:
                self.group.look()
            except MinicloudError as error:
                say(f"cannot look: {error}")

    def hear(self) -> None:
        """`db`: what a conductor does when agents report, and its loop of heartbeats."""
        self.group.join("conductor", CONDUCTOR)
        next_beat = _CLOCK.monotonic()
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                self.group.renew([self.ear.recv(100).decode()], COMPUTE)
            if _CLOCK.monotonic() >= next_beat:
                next_beat = _CLOCK.monotonic() + min(1.0, self.where.ttl_s / 8)
                self.group.beat()

    def _left(self, name: str) -> None:
        self.there.discard(name)
        self.gone[name] = _CLOCK.monotonic()


@contextmanager
def _watching(where: Where) -> Iterator[_Watch]:
    books = where.books()
    watch = _Watch(where, service_group(where.conf(), books))
    works = [watch.look, watch.hear] if where.driver == "db" else [watch.look]
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        watch.stopping.set()
        for thread in threads:
            thread.join(10)
        watch.end()
        watch.group.close()
        watch.ear.close()
        books.dispose()


def _round(watch: _Watch, count: int, before: int) -> tuple[list[float], int]:
    """Seconds from each kill until it was noticed; and how many were gone that lived."""
    names = [f"node{before + number}" for number in range(1, count + 1)]
    work = _report if watch.where.driver == "db" else _hold
    living = {
        name: PROCESSES.Process(target=work, args=(watch.where, name, watch.port), daemon=True)
        for name in names
    }
    for process in living.values():
        process.start()
    _until(lambda: watch.there.issuperset(names), f"{count} members")
    chance = dice.new()
    killed: dict[str, float] = {}
    for name, process in living.items():
        _CLOCK.sleep(chance.uniform(0, watch.where.ttl_s / count))
        killed[name] = _CLOCK.monotonic()
        os.kill(process.pid or 0, signal.SIGKILL)
    _until(lambda: not watch.there.intersection(names), "the end of all members")
    took = [watch.gone[name] - killed[name] for name in names]
    return [seconds for seconds in took if seconds > 0], sum(seconds <= 0 for seconds in took)


def _hold(where: Where, name: str, _port: int) -> None:
    lease = lease_of(where.conf(), name, _CLOCK)
    lease.join({name: 1}, COMPUTE)
    while True:
        lease.renew()
        _CLOCK.sleep(where.ttl_s / 4)


def _report(where: Where, name: str, port: int) -> None:
    """An agent without a lease of its own, that tells a conductor."""
    mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        mouth.sendto(name.encode(), ("127.0.0.1", port))
        _CLOCK.sleep(where.ttl_s / 4)


def _until(met: Any, what: str) -> None:
    end = _CLOCK.monotonic() + _PATIENCE_S
    while not met():
        if _CLOCK.monotonic() > end:
            raise SystemExit(f"{what}: not seen within {_PATIENCE_S:.0f} s")
        _CLOCK.sleep(0.02)
