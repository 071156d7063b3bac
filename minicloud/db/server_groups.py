"""Rows of server groups and of their members.

A deleted server is no member any more: its row of `instances` says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.engine import changed_one
from minicloud.db.models import Instance, ServerGroup, ServerGroupMember

MEMBER = ServerGroupMember


def add(db: Session, facts: Mapping[str, Any], now: datetime) -> ServerGroup:
    """`facts`: uuid, project_id, user_id, name, policy, rules."""
    row = ServerGroup(created_at=now, generation=1, **facts)
    db.add(row)
    db.flush()
    return row


def page(db: Session, project_id: str | None, limit: int, offset: int) -> list[ServerGroup]:
    """Oldest first; None: of every project."""
    query = sa.select(ServerGroup).order_by(ServerGroup.id).limit(limit).offset(offset)
    if project_id is not None:
        query = query.where(ServerGroup.project_id == project_id)
    return list(db.scalars(query))


def get(db: Session, uuid: str, *, lock: bool = False) -> ServerGroup:
    """ServerGroupNotFound. `lock`: nobody else changes it until the end of the transaction."""
    row = find(db, uuid, lock=lock)
    if row is None:
        raise errors.ServerGroupNotFound(uuid)
    return row


def find(db: Session, uuid: str, *, lock: bool = False) -> ServerGroup | None:
    query = sa.select(ServerGroup).where(ServerGroup.uuid == uuid)
    return db.scalar(query.with_for_update() if lock else query)


def remove(db: Session, uuid: str) -> bool:
    return changed_one(db, sa.delete(ServerGroup).where(ServerGroup.uuid == uuid))


def join(db: Session, group: ServerGroup, instance_uuids: Sequence[str]) -> None:
    rows = [{"instance_uuid": uuid, "group_id": group.id} for uuid in instance_uuids]
    db.execute(sa.insert(MEMBER), rows)


def members(db: Session, group_ids: Iterable[int]) -> dict[int, list[str]]:
    """id of a group -> its servers, oldest first."""
    query = (
        sa.select(MEMBER.group_id, Instance.uuid)
        .join(Instance, Instance.uuid == MEMBER.instance_uuid)
        .where(MEMBER.group_id.in_(sorted(group_ids)), Instance.deleted == 0)
        .order_by(Instance.id)
    )
    found: dict[int, list[str]] = {}
    for group_id, uuid in db.execute(query):
        found.setdefault(group_id, []).append(uuid)
    return found


def of_instance(db: Session, instance_uuid: str) -> str | None:
    """The uuid of the group that a server is in."""
    query = sa.select(ServerGroup.uuid).join(MEMBER, MEMBER.group_id == ServerGroup.id)
    return db.scalar(query.where(MEMBER.instance_uuid == instance_uuid))
