"""Servers as those who count hours see them: what they took up, and from when to when."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.models import Instance

COLUMNS = (
    Instance.uuid,
    Instance.display_name,
    Instance.project_id,
    Instance.flavor,
    Instance.vcpus,
    Instance.memory_mb,
    Instance.disk_gb,
    Instance.vm_state,
    Instance.launched_at,
    Instance.terminated_at,
)


def between(
    db: Session,
    begin: datetime,
    end: datetime,
    project_id: str | None,
    limit: int,
    after: tuple[str, str] | None,
) -> list[sa.Row[Any]]:
    """COLUMNS of those that ran then, by project and uuid; `after`: behind this pair."""
    query = sa.select(*COLUMNS).where(
        Instance.launched_at < end,
        sa.or_(Instance.terminated_at.is_(None), Instance.terminated_at > begin),
    )
    if project_id is not None:
        query = query.where(Instance.project_id == project_id)
    if after is not None:
        query = query.where(_behind(*after))
    return list(db.execute(query.order_by(Instance.project_id, Instance.uuid).limit(limit)))


def place(db: Session, uuid: str) -> tuple[str, str] | None:
    """(project, uuid) of a server, deleted or not."""
    query = sa.select(Instance.project_id, Instance.uuid).where(Instance.uuid == uuid)
    row = db.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def _behind(project_id: str, uuid: str) -> sa.ColumnElement[bool]:
    same = sa.and_(Instance.project_id == project_id, Instance.uuid > uuid)
    return sa.or_(Instance.project_id > project_id, same)
