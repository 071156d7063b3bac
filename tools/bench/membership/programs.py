"""Simulated programs: processes that hold leases, or (`db`) the conductor that is told."""

import multiprocessing
import resource
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from minicloud.cmd.parts import service_group
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.leases import lease_of
from tools.bench.membership.stores import Where

# Forked from a process without threads that has imported everything.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tooz.coordination", "tools.bench.membership.programs"])
Agents = Mapping[str, Sequence[str]]  # name -> its hosts


def agents_of(members: int, each: int) -> dict[str, list[str]]:
    """`members` hosts, `each` of them to an agent; an agent of one host has its name."""
    hosts = [f"node{number}" for number in range(1, members + 1)]
    if each == 1:
        return {host: [host] for host in hosts}
    parts = [hosts[first : first + each] for first in range(0, members, each)]
    return {f"agent{number}": part for number, part in enumerate(parts, 1)}


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Program:
    """A process with the leases of some agents, or their conductor."""

    def __init__(self, where: Where, agents: Agents) -> None:
        self._line, far = PROCESSES.Pipe()
        work = _conduct if where.driver == "db" else _hold
        arguments = (where, dict(agents), far)
        self.process: BaseProcess = PROCESSES.Process(target=work, args=arguments, daemon=True)
        self.process.start()
        far.close()

    def wait(self, patience_s: float = 300.0) -> None:
        """Until all have joined."""
        if not self._line.poll(patience_s):
            raise SystemExit(f"the members did not join within {patience_s:.0f} s")
        self._line.recv()

    def cpu_s(self) -> float:
        self._line.send("cpu")
        return float(self._line.recv())

    def stop(self) -> None:
        self._line.send("stop")
        self.process.join(60)
        if self.process.is_alive():
            self.process.kill()


def _hold(where: Where, agents: Agents, line: Connection) -> None:
    leases = []
    for name, hosts in agents.items():
        lease = lease_of(where.conf(), name, SystemClock())
        lease.join(dict.fromkeys(hosts, 1), COMPUTE)
        leases.append(lease)

    def renew() -> None:
        for lease in leases:
            lease.renew()

    _serve(line, renew, where.ttl_s / 4)
    for lease in leases:
        lease.leave()


def _conduct(where: Where, agents: Agents, line: Connection) -> None:
    """What a conductor does when agents report to it, each once in an interval."""
    clock, interval_s = SystemClock(), where.ttl_s / 4
    group = service_group(where.conf(), where.books())
    hosts = [host for part in agents.values() for host in part]
    next_report = clock.monotonic()

    def step() -> None:
        nonlocal next_report
        if clock.monotonic() >= next_report:
            next_report += interval_s
            group.renew(hosts, COMPUTE)
        group.beat()

    _serve(line, step, min(1.0, interval_s / 2))
    group.close()


def _serve(line: Connection, step: Callable[[], None], interval_s: float) -> None:
    """Step by step, answering what the benchmark asks in between."""
    clock = SystemClock()
    step()
    line.send("joined")
    after = clock.monotonic() + interval_s
    while True:
        while line.poll(max(0.0, after - clock.monotonic())):
            if line.recv() == "stop":
                return
            line.send(cpu_s())
        after += interval_s
        step()
