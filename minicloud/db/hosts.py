"""Rows of compute hosts: what they have, and the claims on it.

A claim is one UPDATE that holds its own condition: two schedulers cannot both take the last room.
"""

import uuid as uuids
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db import rows
from minicloud.db.engine import changed_one
from minicloud.db.models import ComputeNode, Instance, Migration
from minicloud.instance_states import VmState

NODE = ComputeNode


@dataclass(frozen=True)
class Need:
    """Room that instances take on a host. `building` counts those whose disk is still busy."""

    vcpus: int = 0
    memory_mb: int = 0
    disk_gb: int = 0
    instances: int = 0
    building: int = 0

    def __add__(self, other: "Need") -> "Need":
        return Need(
            self.vcpus + other.vcpus,
            self.memory_mb + other.memory_mb,
            self.disk_gb + other.disk_gb,
            self.instances + other.instances,
            self.building + other.building,
        )

    @classmethod
    def of(cls, row: Instance) -> "Need":
        building = 1 if row.vm_state == VmState.BUILDING else 0
        return cls(row.vcpus, row.memory_mb, row.disk_gb, 1, building)

    @classmethod
    def of_flavor(cls, flavor: Mapping[str, Any]) -> "Need":
        """What an instance that has been built takes with this flavor."""
        return cls(flavor["vcpus"], flavor["memory_mb"], disk_gb(flavor), 1)

    @classmethod
    def held(cls, move: Migration) -> "Need":
        return cls(move.vcpus, move.memory_mb, move.disk_gb, 1)


@dataclass(frozen=True)
class Limits:
    """How far a claim may fill a host; None: as far as the host itself says, and any number of
    instances."""

    vcpus: int | None = None
    memory_mb: int | None = None
    disk_gb: int | None = None
    num_instances: int | None = None


NO_LIMITS = Limits()


def disk_gb(flavor: Mapping[str, Any]) -> int:
    return int(flavor["root_gb"]) + int(flavor["ephemeral_gb"])


def claim(
    db: Session,
    host: str,
    need: Need,
    now: datetime,
    limits: Limits = NO_LIMITS,
    epoch: int | None = None,
) -> bool:
    """Take room on `host`; False: there is not that much left, or it is in another epoch than
    when it was chosen (None: whichever)."""
    room = [NODE.host == host, *_room(need, limits)]
    if epoch is not None:
        room.append(NODE.epoch == epoch)
    return changed_one(db, sa.update(NODE).where(*room).values(_moved(need, 1, now)))


def _room(need: Need, limits: Limits) -> list[sa.ColumnElement[bool]]:
    room = [
        used + wanted <= (own if limit is None else limit)
        for used, wanted, own, limit in (
            (NODE.vcpus_used, need.vcpus, NODE.vcpus_limit, limits.vcpus),
            (NODE.memory_mb_used, need.memory_mb, NODE.memory_mb_limit, limits.memory_mb),
            (NODE.disk_gb_used, need.disk_gb, NODE.disk_gb_limit, limits.disk_gb),
        )
    ]
    if limits.num_instances is not None:
        room.append(NODE.num_instances + need.instances <= limits.num_instances)
    return room


def lock_idle(db: Session, hosts: Iterable[str]) -> set[str]:
    """Lock those of these hosts that nobody holds at this moment, waiting for none."""
    query = sa.select(NODE.host).where(NODE.host.in_(sorted(hosts))).order_by(NODE.host)
    return set(db.scalars(query.with_for_update(skip_locked=True)))


def give_back(db: Session, host: str, need: Need, now: datetime) -> None:
    values = {**_moved(need, -1, now), "freed_at": now}
    changed_one(db, sa.update(NODE).where(NODE.host == host).values(values))


def unclaim(db: Session, host: str, need: Need, now: datetime) -> None:
    """Undo a claim of this transaction: nobody else saw it, so there is no more room by that."""
    changed_one(db, sa.update(NODE).where(NODE.host == host).values(_moved(need, -1, now)))


def built(db: Session, host: str, count: int, now: datetime) -> None:
    """`count` builds on `host` have ended well."""
    values = {"num_io_ops": NODE.num_io_ops - count, "failed_builds": 0, "changed_at": now}
    changed_one(db, sa.update(NODE).where(NODE.host == host).values(values))


def build_failed(db: Session, host: str, count: int, now: datetime) -> None:
    values = {"failed_builds": NODE.failed_builds + count, "changed_at": now}
    changed_one(db, sa.update(NODE).where(NODE.host == host).values(values))


def _moved(need: Need, sign: int, now: datetime) -> dict[str, Any]:
    return {
        "vcpus_used": NODE.vcpus_used + sign * need.vcpus,
        "memory_mb_used": NODE.memory_mb_used + sign * need.memory_mb,
        "disk_gb_used": NODE.disk_gb_used + sign * need.disk_gb,
        "num_instances": NODE.num_instances + sign * need.instances,
        "num_io_ops": NODE.num_io_ops + sign * need.building,
        "changed_at": now,
    }


def record_inventory(
    db: Session, host: str, agent: str, facts: Mapping[str, Any], now: datetime, epoch: int = 0
) -> bool:
    """Write what a host has, when it is new or differs from what is recorded.

    False: it is of an epoch before that of the host, and nothing is written.
    """
    row = db.scalar(sa.select(NODE).where(NODE.host == host).with_for_update())
    values = {**facts, "agent": agent, "epoch": epoch}
    marks = {"changed_at": now, "freed_at": now}
    if row is None:
        new = {"uuid": str(uuids.uuid4()), "host": host, "created_at": now, **marks}
        with suppress(DBDuplicateEntry), db.begin_nested():  # a doubled report came first
            db.execute(sa.insert(NODE), [{**new, **values}])
        return True
    if row.epoch > epoch:
        return False
    differs = {name for name, value in values.items() if getattr(row, name) != value}
    if differs:
        if not differs - {"metrics", "epoch"}:
            del marks["freed_at"]
        db.execute(
            sa.update(NODE).where(NODE.id == row.id).values(**values, **marks),
            execution_options={"synchronize_session": False},
        )
    return True


def recount(db: Session, host: str) -> Need:
    """What the instances on `host` take, and what moves hold there, counted.

    By one statement: when a move ends, the one becomes the other without a word to the host.
    """
    building = sa.case((Instance.vm_state == VmState.BUILDING, 1), else_=0)
    own = _sums(Instance, Instance.host == host, Instance.deleted == 0, building=building)
    held = _sums(Migration, Migration.held_host == host, building=sa.literal(0))
    rows = db.execute(sa.union_all(own, held))
    return sum((Need(*(int(value) for value in row)) for row in rows), Need())


def _sums(
    table: type[Instance] | type[Migration],
    *where: sa.ColumnElement[bool],
    building: sa.ColumnElement[int],
) -> Any:
    return sa.select(
        sa.func.coalesce(sa.func.sum(table.vcpus), 0),
        sa.func.coalesce(sa.func.sum(table.memory_mb), 0),
        sa.func.coalesce(sa.func.sum(table.disk_gb), 0),
        sa.func.count(table.id),
        sa.func.coalesce(sa.func.sum(building), 0),
    ).where(*where)


def audit(db: Session, host: str, now: datetime) -> tuple[Need, Need] | None:
    """Compare the claims on `host` with a recount and correct them: (recorded, counted) if so.

    The host's row is locked first and counted afterwards, so no claim can come in between.
    """
    row = db.scalar(sa.select(NODE).where(NODE.host == host).with_for_update())
    if row is None:
        return None
    recorded = Need(
        row.vcpus_used, row.memory_mb_used, row.disk_gb_used, row.num_instances, row.num_io_ops
    )
    counted = recount(db, host)
    if recorded == counted:
        return None
    values = {
        "vcpus_used": counted.vcpus,
        "memory_mb_used": counted.memory_mb,
        "disk_gb_used": counted.disk_gb,
        "num_instances": counted.instances,
        "num_io_ops": counted.building,
        "changed_at": now,
        "freed_at": now,
    }
    changed_one(db, sa.update(NODE).where(NODE.id == row.id).values(values))
    return recorded, counted


def all_nodes(db: Session) -> list[ComputeNode]:
    return list(db.scalars(sa.select(NODE).order_by(NODE.id)))


def changed_since(
    db: Session, moment: datetime, besides: Collection[str] = ()
) -> list[ComputeNode]:
    """Nodes that changed, and these hosts whether they did or not, as far as they exist."""
    wanted = NODE.changed_at >= moment
    if besides:
        wanted = sa.or_(wanted, NODE.host.in_(sorted(besides)))
    return list(db.scalars(sa.select(NODE).where(wanted).order_by(NODE.id)))


def page(
    db: Session, limit: int | None = None, after_id: int = 0, ref: str | None = None
) -> list[ComputeNode]:
    """Nodes by id; `ref`: only the one with this id or uuid."""
    query = sa.select(NODE).where(NODE.id > after_id).order_by(NODE.id).limit(limit)
    if ref is not None:
        number = rows.number(ref)
        query = query.where(NODE.uuid == ref if number is None else NODE.id == number)
    return list(db.scalars(query))


def agents_of(db: Session, hosts: Iterable[str]) -> dict[str, str]:
    """host -> the agent that looks after it."""
    query = sa.select(NODE.host, NODE.agent).where(NODE.host.in_(sorted(hosts)))
    return {row[0]: row[1] for row in db.execute(query)}


def hosts_of(db: Session, agent: str) -> Sequence[str]:
    return list(db.scalars(sa.select(NODE.host).where(NODE.agent == agent).order_by(NODE.host)))


def lock_and_count(db: Session, host: str) -> int:
    """The instances on the host, which nobody claims on until the end of the transaction."""
    db.execute(sa.select(NODE.id).where(NODE.host == host).with_for_update()).all()
    here = (Instance.host == host, Instance.deleted == 0)
    return db.scalar(sa.select(sa.func.count(Instance.id)).where(*here)) or 0


def remove(db: Session, host: str) -> None:
    changed_one(db, sa.delete(NODE).where(NODE.host == host))


def named(db: Session, host: str) -> ComputeNode | None:
    return db.scalar(sa.select(NODE).where(NODE.host == host))


def servers_on(db: Session, hosts: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """host -> (id, uuid) of each server on it, oldest first."""
    query = sa.select(Instance.host, Instance.id, Instance.uuid)
    here = (Instance.host.in_(sorted(hosts)), Instance.deleted == 0)
    found: dict[str, list[tuple[int, str]]] = {}
    for host, ident, uuid in db.execute(query.where(*here).order_by(Instance.id)):
        found.setdefault(host or "", []).append((ident, uuid))
    return found


def shares(db: Session, host: str) -> list[tuple[str, int, int, int]]:
    """(project, vcpus, memory in MB, disk in GB) of the servers on the host, by project."""
    query = (
        sa.select(
            Instance.project_id,
            sa.func.sum(Instance.vcpus),
            sa.func.sum(Instance.memory_mb),
            sa.func.sum(Instance.disk_gb),
        )
        .where(Instance.host == host, Instance.deleted == 0)
        .group_by(Instance.project_id)
        .order_by(Instance.project_id)
    )
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in db.execute(query)]
