"""Servers that wait for room: who they are, what their owners have, and where room was made."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed
from minicloud.db.models import ComputeNode, Instance
from minicloud.instance_states import Task

# The columns of an index, in its order: when nobody waits, this is what finding out costs.
_HERE = (
    Instance.host.is_(None),
    Instance.deleted == 0,
    Instance.task_state == str(Task.PENDING),
)


TOGETHER = "*"  # at the end of a kind: it gets a host with the others of its request, or none


class Waiting(NamedTuple):
    """A server that waits. `kind` is the same for those that the same hosts suit."""

    id: int
    uuid: str
    project_id: str
    reservation_id: str
    kind: str
    vcpus: int
    memory_mb: int


def anyone(db: Session) -> bool:
    return db.scalar(sa.select(Instance.id).where(*_HERE).limit(1)) is not None


def waiting(db: Session) -> list[Waiting]:
    """All of them, oldest first."""
    query = sa.select(
        Instance.id,
        Instance.uuid,
        Instance.project_id,
        Instance.reservation_id,
        sa.func.coalesce(Instance.pending_kind, Instance.uuid),
        Instance.vcpus,
        Instance.memory_mb,
    )
    return [Waiting(*row) for row in db.execute(query.where(*_HERE).order_by(Instance.id))]


def used(db: Session, projects: Iterable[str]) -> dict[str, tuple[int, int]]:
    """project -> (vcpus, memory in MB) of its servers, with those that wait."""
    query = (
        sa.select(
            Instance.project_id, sa.func.sum(Instance.vcpus), sa.func.sum(Instance.memory_mb)
        )
        .where(Instance.project_id.in_(sorted(projects)), Instance.deleted == 0)
        .group_by(Instance.project_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in db.execute(query)}


def total(db: Session) -> tuple[int, int]:
    """(vcpus, memory in MB) of all hosts."""
    query = sa.select(
        sa.func.sum(ComputeNode.vcpus_limit), sa.func.sum(ComputeNode.memory_mb_limit)
    )
    vcpus, memory_mb = db.execute(query).one()
    return int(vcpus or 0), int(memory_mb or 0)


def freed_since(db: Session, moment: datetime) -> frozenset[tuple[int, datetime]]:
    """The hosts where room was given back or came about since, each with the last time."""
    query = sa.select(ComputeNode.id, ComputeNode.freed_at)
    found = db.execute(query.where(ComputeNode.freed_at >= moment))
    return frozenset((row[0], row[1]) for row in found if row[1])


def settle(db: Session, uuids: Collection[str]) -> None:
    """They were tried since they began to wait: from now on only room or the deadline counts."""
    here = (Instance.uuid.in_(sorted(uuids)), Instance.task_state == str(Task.PENDING))
    changed(db, sa.update(Instance).where(*here).values(due_at=Instance.deadline_at))
