"""Rows of console tokens: leave to look at one console for a while."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed
from minicloud.db.models import ConsoleToken, table_of

_SWEPT: Final = 100  # expired tokens that a new one takes away in passing, at most


def new_token() -> str:
    return secrets.token_urlsafe(24)


def add(
    db: Session, token: str, instance_uuid: str, kind: str, host: str, now: datetime, ttl_s: int
) -> None:
    table = table_of(ConsoleToken)
    purge(db, now, _SWEPT)
    row = {
        "hash": _digest(token),
        "instance_uuid": instance_uuid,
        "console_type": kind,
        "host": host,
        "expires_at": now + timedelta(seconds=ttl_s),
    }
    db.execute(sa.insert(table), [row])


def find(db: Session, token: str, now: datetime) -> ConsoleToken | None:
    """None for one that is not known or has expired."""
    query = sa.select(ConsoleToken).where(
        ConsoleToken.hash == _digest(token), ConsoleToken.expires_at > now
    )
    return db.scalar(query)


def purge(db: Session, now: datetime, limit: int) -> int:
    """Forget those that have expired, at most so many."""
    over = sa.select(ConsoleToken.hash).where(ConsoleToken.expires_at < now).limit(limit)
    old = sorted(db.scalars(over))
    return changed(db, sa.delete(ConsoleToken).where(ConsoleToken.hash.in_(old))) if old else 0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
