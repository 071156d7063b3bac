"""What members cost while nothing happens: writes and processor time, of all who take part."""

import time
from typing import Any

from minicloud.cmd.parts import service_group
from minicloud.servicegroup.base import COMPUTE
from tools.bench.cloud import say
from tools.bench.membership.programs import Program, agents_of, cpu_s
from tools.bench.membership.stores import Store

_LOOK_S = 0.5  # as the programs look
_PATIENCE_S = 120.0
_ASKED = 200  # times get_all is asked for its cost


def measured(
    store: Store, members: int, each: int, seconds: float, ttl_s: float
) -> dict[str, Any]:
    """`members` hosts, `each` of them to an agent, for so many seconds."""
    say(f"{store.driver}: {members} members, {each} to an agent")
    where = store.where(ttl_s)
    books = where.books()
    agents = agents_of(members, each)
    where.enlist([host for hosts in agents.values() for host in hosts])
    program = Program(where, agents)
    group = service_group(where.conf(), books)
    try:
        program.wait()
        _wait_for(group, members)
        before, began = store.counts(), time.monotonic()
        cpu = (program.cpu_s(), cpu_s())
        missed = _look(group, members, seconds)
        after, took = store.counts(), time.monotonic() - began
        used = (program.cpu_s() - cpu[0], cpu_s() - cpu[1])
        return {
            "part": "load",
            "driver": store.driver,
            "members": members,
            "agents": -(-members // each),
            "interval_s": ttl_s / 4,
            "store_writes_per_s": round((after.store - before.store) / took, 2),
            "database_writes_per_s": round((after.database - before.database) / took, 2),
            "store_cpu_percent": round(100 * (after.store_cpu_s - before.store_cpu_s) / took, 2),
            "database_cpu_percent": round(
                100 * (after.database_cpu_s - before.database_cpu_s) / took, 2
            ),
            "members_cpu_percent": round(100 * used[0] / took, 2),
            "reader_cpu_percent": round(100 * used[1] / took, 2),
            "get_all_us": round(_cost_of_asking(group), 1),
            "looks_that_missed_any": missed,
        }
    finally:
        program.stop()
        group.close()
        books.dispose()


def _wait_for(group: Any, members: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while len(group.get_all(COMPUTE)) < members:
        if time.monotonic() > end:
            raise SystemExit(f"{members} members joined, not all of them are seen")
        group.look()
        time.sleep(_LOOK_S)


def _look(group: Any, members: int, seconds: float) -> int:
    """As a program does; the looks that did not see all."""
    missed, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        group.look()
        missed += len(group.get_all(COMPUTE)) < members
        time.sleep(_LOOK_S)
    return missed


def _cost_of_asking(group: Any) -> float:
    """Microseconds of processor time."""
    group.look()
    began = time.process_time()
    for _ in range(_ASKED):
        group.get_all(COMPUTE)
    return 1e6 * (time.process_time() - began) / _ASKED
