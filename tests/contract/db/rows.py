"""Rows and threads for tests of the database modules."""

import uuid as uuids
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Barrier, Thread
from typing import Any, TypeVar

import sqlalchemy as sa

from minicloud.db import hosts, instances
from minicloud.db.engine import Database
from minicloud.db.models import ComputeNode, Instance
from minicloud.instance_states import Task, VmState

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456)
_PATIENCE_S = 120.0


def add_host(
    database: Database,
    name: str,
    vcpus: int = 100,
    memory_mb: int = 102400,
    disk_gb: int = 1000,
    now: datetime = NOW,
) -> None:
    facts = {
        "node": name,
        "hypervisor_type": "fake",
        "hypervisor_version": 1,
        "cpu_info": {},
        "supported_instances": [],
        "vcpus": vcpus,
        "memory_mb": memory_mb,
        "disk_gb": disk_gb,
        "vcpus_limit": vcpus,
        "memory_mb_limit": memory_mb,
        "disk_gb_limit": disk_gb,
    }
    database.write(lambda db: hosts.record_inventory(db, name, "agent", facts, now))


def instance(**changes: Any) -> dict[str, Any]:
    """A row that waits for a host."""
    return {
        "uuid": str(uuids.uuid4()),
        "project_id": "p1",
        "user_id": "alice",
        "reservation_id": "r-1",
        "display_name": "vm",
        "hostname": "vm",
        "flavor": {"flavorid": "1"},
        "vcpus": 1,
        "memory_mb": 1024,
        "disk_gb": 10,
        "meta": {},
        "request": {},
        "vm_state": str(VmState.BUILDING),
        "created_at": NOW,
        **instances.begin(Task.SCHEDULING, NOW),
        **changes,
    }


def add_instances(database: Database, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Their uuids; each row on its own, since they may differ in their columns."""
    for row in rows:
        database.write(lambda db, row=row: instances.insert(db, [row]))  # type: ignore[misc]
    return [row["uuid"] for row in rows]


def all_instances(database: Database) -> list[Instance]:
    return database.read(lambda db: list(db.scalars(sa.select(Instance).order_by(Instance.id))))


def node(database: Database, name: str) -> ComputeNode:
    found = database.read(hosts.all_nodes)
    return next(row for row in found if row.host == name)


def claimed(database: Database, name: str) -> hosts.Need:
    row = node(database, name)
    return hosts.Need(
        row.vcpus_used, row.memory_mb_used, row.disk_gb_used, row.num_instances, row.num_io_ops
    )


def counted(database: Database, name: str) -> hosts.Need:
    return database.read(lambda db: hosts.recount(db, name))


def together(count: int, work: Callable[[int], T]) -> list[T]:
    """What `work(0)`, `work(1)`, ... give when they all begin at the same moment."""
    barrier = Barrier(count)
    results: dict[int, T] = {}
    failures: list[BaseException] = []

    def one(number: int) -> None:
        try:
            barrier.wait(_PATIENCE_S)
            results[number] = work(number)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=one, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_S)
    if failures:
        raise failures[0]
    return [results[number] for number in range(count)]
