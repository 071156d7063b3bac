"""Rows of requests that are done once only, however often they are sent."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed
from minicloud.db.models import IdempotencyKey

KEPT: Final = timedelta(hours=24)
_SWEPT: Final = 100  # expired keys that a request takes away in passing, at most


def find(
    db: Session, project_id: str, user_id: str, key: str, now: datetime
) -> IdempotencyKey | None:
    """What a user's key stands for, unless its day is over. The caller has the project's guard."""
    digest = _digest(user_id, key)
    here = (IdempotencyKey.project_id == project_id, IdempotencyKey.key == digest)
    row = db.scalar(sa.select(IdempotencyKey).where(*here))
    return row if row is not None and row.expires_at > now else None


def record(
    db: Session,
    project_id: str,
    user_id: str,
    key: str,
    body_hash: str,
    reservation_id: str,
    now: datetime,
) -> None:
    """Give the key its meaning; one that has expired under it goes, and others in passing."""
    digest = _digest(user_id, key)
    db.execute(
        sa.delete(IdempotencyKey).where(
            IdempotencyKey.project_id == project_id, IdempotencyKey.key == digest
        )
    )
    purge(db, now, _SWEPT)
    row = {
        "project_id": project_id,
        "key": digest,
        "body_hash": body_hash,
        "reservation_id": reservation_id,
        "expires_at": now + KEPT,
    }
    db.execute(sa.insert(IdempotencyKey), [row])


def _digest(user_id: str, key: str) -> str:
    """What is kept of a user's key: databases differ in which texts they hold for equal."""
    return hashlib.sha256(f"{user_id}\0{key}".encode()).hexdigest()


def purge(db: Session, now: datetime, limit: int) -> int:
    """Take away what has expired; what another transaction is taking is left to it."""
    expired = db.execute(
        sa.select(IdempotencyKey.project_id, IdempotencyKey.key)
        .where(IdempotencyKey.expires_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not expired:
        return 0
    columns = sa.tuple_(IdempotencyKey.project_id, IdempotencyKey.key)
    keys = [tuple(row) for row in expired]
    return changed(db, sa.delete(IdempotencyKey).where(columns.in_(keys)))
