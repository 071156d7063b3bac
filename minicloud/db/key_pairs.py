"""Rows of key pairs. They belong to users, whatever the project."""

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.engine import changed_one
from minicloud.db.models import KeyPair


def get(db: Session, user_id: str, name: str) -> KeyPair | None:
    return db.scalar(sa.select(KeyPair).where(*_named(user_id, name)))


def of_user(
    db: Session, user_id: str, limit: int | None = None, marker: str | None = None
) -> list[KeyPair]:
    """By name, those behind the marker. BadRequest where there is no such marker."""
    query = sa.select(KeyPair).where(KeyPair.user_id == user_id)
    if marker is not None:
        if get(db, user_id, marker) is None:
            raise errors.BadRequest(f"Marker {marker} could not be found.")
        query = query.where(KeyPair.name > marker)
    return list(db.scalars(query.order_by(KeyPair.name).limit(limit)))


def add(db: Session, row: KeyPair) -> None:
    """KeyPairExists when the user has one of this name."""
    db.add(row)
    try:
        db.flush()
    except DBDuplicateEntry as error:
        raise errors.KeyPairExists(row.name) from error


def remove(db: Session, user_id: str, name: str) -> bool:
    return changed_one(db, sa.delete(KeyPair).where(*_named(user_id, name)))


def _named(user_id: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return KeyPair.user_id == user_id, KeyPair.name == name
