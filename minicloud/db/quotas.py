"""What a project uses, counted and never stored."""

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db.models import Instance, QuotaGuard
from minicloud.instance_states import VmState


def guard(db: Session, project_id: str) -> None:
    """Let nobody else count and write for this project until the transaction ends."""
    query = sa.select(QuotaGuard.project_id).where(QuotaGuard.project_id == project_id)
    if db.scalar(query.with_for_update()) is not None:
        return
    try:
        with db.begin_nested():
            db.execute(sa.insert(QuotaGuard), [{"project_id": project_id}])
    except DBDuplicateEntry:
        db.scalar(query.with_for_update())


def usage(db: Session, project_id: str, user_id: str | None = None) -> tuple[int, int, int]:
    """(instances, cores, memory in MB) of a project, or of one user in it."""
    counted = [
        Instance.project_id == project_id,
        Instance.deleted == 0,
        Instance.vm_state != VmState.SOFT_DELETED,
    ]
    if user_id is not None:
        counted.append(Instance.user_id == user_id)
    row = db.execute(
        sa.select(
            sa.func.count(Instance.id),
            sa.func.coalesce(sa.func.sum(Instance.vcpus), 0),
            sa.func.coalesce(sa.func.sum(Instance.memory_mb), 0),
        ).where(*counted)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])
