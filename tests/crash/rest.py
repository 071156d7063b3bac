"""What must be true of a cloud at rest: read from its books and from its hosts' guests."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import actions, hosts
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.models import ComputeNode, Instance, InstanceAction, InstanceEvent
from minicloud.instance_states import VmState

WITH_GUEST = {VmState.ACTIVE, VmState.STOPPED}


def guests(directory: Path) -> list[tuple[str, str]]:
    """(host, uuid) of every simulated guest there is."""
    found: list[tuple[str, str]] = []
    for file in sorted(directory.glob("*.sqlite")):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
            found += db.execute("SELECT host, uuid FROM guests").fetchall()
    return found


def complaints(database: Database, guest_files: Path) -> list[str]:
    """Everything that is not at rest, in words; none is what a test waits for."""
    seen = guests(guest_files)
    return database.read(lambda db: [*_servers(db), *_log(db), *claims(db), *_guests(db, seen)])


def _servers(db: Session) -> list[str]:
    rows = list(db.scalars(sa.select(Instance).where(Instance.deleted == 0)))
    failed = [row.uuid for row in rows if row.vm_state == VmState.ERROR]
    reasons = actions.latest_faults(db, failed)
    said = [
        f"{row.uuid} is {row.vm_state}, {row.task_state} on {row.host}"
        for row in rows
        if row.task_state or VmState(row.vm_state) not in {*WITH_GUEST, VmState.ERROR}
    ]
    said += [f"{row.uuid} is due although it rests" for row in rows if row.due_at]
    return said + [f"{uuid} is ERROR without a reason" for uuid in failed if uuid not in reasons]


def _log(db: Session) -> list[str]:
    open_actions = sa.select(InstanceAction).where(InstanceAction.finish_time.is_(None))
    open_events = sa.select(InstanceEvent).where(InstanceEvent.finish_time.is_(None))
    said = [f"{a.action} of {a.instance_uuid} has no end" for a in db.scalars(open_actions)]
    return said + [
        f"event {e.event} of action {e.action_id} ends not" for e in db.scalars(open_events)
    ]


def claims(db: Session) -> list[str]:
    """What the books of the hosts say, against a recount of their servers."""
    said = []
    for node in db.scalars(sa.select(ComputeNode)):
        counted = hosts.recount(db, node.host)
        claimed = Need(
            node.vcpus_used,
            node.memory_mb_used,
            node.disk_gb_used,
            node.num_instances,
            node.num_io_ops,
        )
        if claimed != counted:
            said.append(f"{node.host} has {claimed}, its servers take {counted}")
        if node.vcpus_used > node.vcpus_limit or node.memory_mb_used > node.memory_mb_limit:
            said.append(f"{node.host} is over its limit")
    return said


def _guests(db: Session, seen: list[tuple[str, str]]) -> list[str]:
    rows = db.scalars(sa.select(Instance).where(Instance.deleted == 0))
    hosts_of = {row.uuid: row.host for row in rows}
    must = {
        row.uuid: row.host
        for row in db.scalars(
            sa.select(Instance).where(Instance.deleted == 0, Instance.vm_state.in_(WITH_GUEST))
        )
    }
    said = [f"guest {uuid} on {host} has no row" for host, uuid in seen if uuid not in hosts_of]
    said += [
        f"guest {uuid} is on {host}, its row says {hosts_of[uuid]}"
        for host, uuid in seen
        if uuid in hosts_of and hosts_of[uuid] != host
    ]
    times = Counter(uuid for _host, uuid in seen)
    said += [f"guest {uuid} is there {n} times" for uuid, n in times.items() if n > 1]
    there = set(seen)
    return said + [
        f"{uuid} has no guest on {host}"
        for uuid, host in must.items()
        if (host, uuid) not in there
    ]
