"""What must be true of a cloud at rest: read from its books and from its hosts' guests."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import actions, hosts, migrations
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.models import (
    ComputeNode,
    Image,
    Instance,
    InstanceAction,
    InstanceEvent,
    Migration,
)
from minicloud.instance_states import VmState

WITHOUT_GUEST = {VmState.ERROR, VmState.SOFT_DELETED, VmState.SHELVED_OFFLOADED}
NOT_AT_REST = {VmState.BUILDING, VmState.DELETED}


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
    return database.read(lambda db: _complaints(db, seen))


def _complaints(db: Session, seen: list[tuple[str, str]]) -> list[str]:
    return [*_servers(db), *_log(db), *claims(db), *_moves(db), *_images(db), *_guests(db, seen)]


def _servers(db: Session) -> list[str]:
    rows = list(db.scalars(sa.select(Instance).where(Instance.deleted == 0)))
    failed = [row.uuid for row in rows if row.vm_state == VmState.ERROR]
    reasons = actions.latest_faults(db, failed)
    said = [
        f"{row.uuid} is {row.vm_state}, {row.task_state} on {row.host}"
        for row in rows
        if row.task_state or VmState(row.vm_state) in NOT_AT_REST
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


def _moves(db: Session) -> list[str]:
    """Open of what is resized only; then the host that it came from is held."""
    rows = {row.uuid: row for row in db.scalars(sa.select(Instance).where(Instance.deleted == 0))}
    said = []
    for move in db.scalars(sa.select(Migration)):
        row, what = rows.get(move.instance_uuid), f"{move.migration_type} of {move.instance_uuid}"
        resized = row is not None and row.vm_state == VmState.RESIZED
        if move.status == "done":
            said.append(f"{what} is not cleaned up")
        elif move.status in migrations.OVER and move.held_host:
            said.append(f"{what} is over and holds {move.held_host}")
        elif move.status not in migrations.OVER and not (resized and move.status == "finished"):
            said.append(f"{what} is {move.status}")
    return said


def _images(db: Session) -> list[str]:
    queued = db.scalars(sa.select(Image).where(Image.status != "active"))
    return [f"image {image.name} is {image.status}" for image in queued]


def _guests(db: Session, seen: list[tuple[str, str]]) -> list[str]:
    """One on its host, or none where there may be none; another where a move holds it."""
    rows = list(db.scalars(sa.select(Instance).where(Instance.deleted == 0)))
    moves = migrations.open_of(db, [row.uuid for row in rows])
    own = {(row.host or "", row.uuid) for row in rows}
    held = {(move.held_host or "", uuid) for uuid, move in moves.items()}
    must = {
        (row.host or "", row.uuid)
        for row in rows
        if VmState(row.vm_state) not in WITHOUT_GUEST | NOT_AT_REST
    }
    said = [f"guest {u} on {h} has no row there" for h, u in set(seen) - own - held]
    return said + [f"{u} has no guest on {h}" for h, u in (must | held) - set(seen)]
