"""Application credentials: stand-ins of a user for one project, with some of the roles there."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import engine, rows, tokens
from minicloud.db.models import ApplicationCredential


def of_user(db: Session, user_id: str, name: str | None = None) -> list[ApplicationCredential]:
    """All of a user's, or the one of this name."""
    asked = sa.select(ApplicationCredential).where(ApplicationCredential.user_id == user_id)
    if name is not None:
        asked = asked.where(ApplicationCredential.name == name)
    return list(db.scalars(asked.order_by(ApplicationCredential.name)))


def get(db: Session, credential_id: str) -> ApplicationCredential | None:
    return rows.get(db, ApplicationCredential, credential_id)


def insert(db: Session, credential: ApplicationCredential) -> None:
    """Conflict when the user has one of this name."""
    rows.insert(db, credential)


def delete(db: Session, credential_id: str) -> bool:
    """With the tokens that were had for it."""
    tokens.revoke_had_for(db, [credential_id])
    return rows.delete(db, ApplicationCredential, credential_id)


def delete_of(db: Session, *these: sa.ColumnElement[bool], role_id: str | None = None) -> None:
    """Those that fit; with a role, those of them that have it."""
    asked = sa.select(ApplicationCredential).where(*these)
    found = [row.id for row in db.scalars(asked) if role_id is None or role_id in row.roles]
    _delete_all(db, found)


def _delete_all(db: Session, ids: Collection[str]) -> None:
    if ids:
        tokens.revoke_had_for(db, ids)
        here = ApplicationCredential.id.in_(ids)
        engine.changed(db, sa.delete(ApplicationCredential).where(here))
