"""Rows of the small tables, that are found by equality and changed by one statement."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db import engine
from minicloud.db.models import Base
from minicloud.errors import Conflict

M = TypeVar("M", bound=Base)
_LARGEST: Final = 2**31 - 1  # that a database takes for the number of a row


def number(ref: str) -> int | None:
    """The number of a row that a text in an address says; None where it can be none."""
    if not (ref.isascii() and ref.isdigit() and len(ref) <= len(str(_LARGEST))):
        return None
    return int(ref) if int(ref) <= _LARGEST else None


def listed(db: Session, model: type[M], equal: Mapping[str, object]) -> list[M]:
    """The rows whose columns have these values, in the order of their ids."""
    asked = sa.select(model).where(*(_column(model, key) == equal[key] for key in equal))
    return list(db.scalars(asked.order_by(_column(model, "id"))))


def get(db: Session, model: type[M], ident: str) -> M | None:
    return db.scalar(sa.select(model).where(_column(model, "id") == ident))


def insert(db: Session, row: Base) -> None:
    """Add the row now; Conflict when its name is taken."""
    db.add(row)
    try:
        db.flush()
    except DBDuplicateEntry as error:
        raise Conflict("Another one of this name is there already.") from error


def update(db: Session, model: type[M], ident: str, values: Mapping[str, object]) -> bool:
    """Change a row; False when there is none, Conflict when its new name is taken."""
    if not values:
        return get(db, model, ident) is not None
    statement = sa.update(model).where(_column(model, "id") == ident).values(dict(values))
    try:
        # MySQL counts a row that stays as it was as not met
        return engine.changed_one(db, statement) or get(db, model, ident) is not None
    except DBDuplicateEntry as error:
        raise Conflict("Another one of this name is there already.") from error


def delete(db: Session, model: type[M], ident: str) -> bool:
    return engine.changed_one(db, sa.delete(model).where(_column(model, "id") == ident))


def _column(model: type[Base], name: str) -> Any:
    return getattr(model, name)
