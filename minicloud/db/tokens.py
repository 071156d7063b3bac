"""Tokens: what a bearer may do now, and their issue and revocation.

A token's row says only who and where; all else is read at each use, so that whatever is disabled,
deleted or changed is refused from the next request on.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from minicloud.db import engine, revision, roles
from minicloud.db.models import (
    ApplicationCredential,
    Domain,
    Project,
    Role,
    RoleAssignment,
    Token,
    User,
)
from minicloud.errors import Unauthorized

_BYTES: Final = 32
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # how as many bytes are written


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token says about its bearer; `roles` are names, `role_ids` in their order.

    Roles that others imply are among them.
    """

    user_id: str
    user_name: str
    user_domain_id: str
    user_domain_name: str
    project_id: str | None
    project_name: str | None
    project_domain_id: str | None
    project_domain_name: str | None
    roles: tuple[str, ...]
    role_ids: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    audit_id: str
    methods: tuple[str, ...]
    application_credential_id: str | None = None  # what it was had for, not a password
    application_credential_name: str | None = None
    unrestricted: bool = True  # may make and delete application credentials
    revision: int | None = None  # of all grants, when this was read

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


_home, _realm, _given = aliased(Domain), aliased(Domain), aliased(Role)
_VALID = (
    sa.select(
        Token.user_id,
        User.name.label("user_name"),
        User.domain_id.label("user_domain_id"),
        _home.name.label("user_domain_name"),
        Token.project_id,
        Project.name.label("project_name"),
        Project.domain_id.label("project_domain_id"),
        _realm.name.label("project_domain_name"),
        Token.issued_at,
        Token.expires_at,
        Token.audit_id,
        Token.methods,
        ApplicationCredential.id.label("credential_id"),
        ApplicationCredential.name.label("credential_name"),
        ApplicationCredential.roles.label("credential_roles"),
        ApplicationCredential.unrestricted,
        Role.name.label("role"),
        Role.id.label("role_id"),
        revision.NUMBER.label("revision"),
    )
    .join(User, User.id == Token.user_id)
    .join(_home, _home.id == User.domain_id)
    .outerjoin(Project, Project.id == Token.project_id)
    .outerjoin(ApplicationCredential, ApplicationCredential.id == Token.application_credential_id)
    .outerjoin(_realm, _realm.id == Project.domain_id)
    .outerjoin(
        RoleAssignment,
        sa.and_(
            RoleAssignment.user_id == Token.user_id,
            RoleAssignment.project_id == Token.project_id,
        ),
    )
    .outerjoin(_given, _given.id == RoleAssignment.role_id)
    .outerjoin(Role, roles.had_with(_given, Role))
    .where(
        Token.hash == sa.bindparam("hash"),
        Token.expires_at > sa.bindparam("now"),
        Token.issued_at >= User.valid_from,
        User.enabled,
        _home.enabled,
        sa.or_(
            Token.project_id.is_(None),
            sa.and_(Project.enabled, _realm.enabled, Role.id.is_not(None)),
        ),
        sa.or_(
            Token.application_credential_id.is_(None),
            ApplicationCredential.id.is_not(None),
        ),
    )
    .order_by(Role.name)
)


def validated(db: Session, token_text: str, now: datetime) -> Grant | None:
    """What the token grants at this moment, by one select; None when it grants nothing."""
    rows = db.execute(_VALID, {"hash": hashed(token_text), "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    if first.credential_id is not None:  # the roles that it was made with, and that are left
        rows = [row for row in rows if row.role_id in first.credential_roles]
        if not rows:
            return None
    had = {row.role_id: row.role for row in rows if row.role}  # one may be implied by several
    return Grant(
        *first[:8],
        roles=tuple(had.values()),
        role_ids=tuple(had),
        issued_at=first.issued_at,
        expires_at=first.expires_at,
        audit_id=first.audit_id,
        methods=tuple(first.methods),
        application_credential_id=first.credential_id,
        application_credential_name=first.credential_name,
        unrestricted=first.credential_id is None or first.unrestricted,
        revision=first.revision,
    )


def can_be_one(token_text: str) -> bool:
    """Whether a token of ours looks like this; what does not is not worth a question."""
    return _SHAPE.fullmatch(token_text) is not None


def required(database: engine.Database, token_text: str | None) -> Grant:
    """What the token of a request grants; Unauthorized without one that is valid."""
    grant = None
    if token_text and can_be_one(token_text):
        text, now = token_text, database.now()
        grant = database.read(lambda db: validated(db, text, now))
    if grant is None:
        raise Unauthorized
    return grant


def issue(
    db: Session,
    user_id: str,
    project_id: str | None,
    methods: list[str],
    now: datetime,
    expires_at: datetime,
    application_credential_id: str | None = None,
) -> tuple[str, Grant] | None:
    """A new token, kept only if it is valid: what refuses a token refuses its issue."""
    text = secrets.token_urlsafe(_BYTES)
    row = Token(
        hash=hashed(text),
        audit_id=secrets.token_urlsafe(16),
        user_id=user_id,
        project_id=project_id,
        application_credential_id=application_credential_id,
        methods=methods,
        issued_at=now,
        expires_at=expires_at,
    )
    db.add(row)
    db.flush()
    grant = validated(db, text, now)
    if grant is None:
        db.delete(row)
        db.flush()
        return None
    return text, grant


def revoke(db: Session, token_text: str) -> bool:
    """False when there is no such token (any more)."""
    gone = engine.changed_one(db, sa.delete(Token).where(Token.hash == hashed(token_text)))
    revision.count(db)
    return gone


def revoke_all(db: Session, user_id: str) -> None:
    """Forget every token of a user."""
    engine.changed(db, sa.delete(Token).where(Token.user_id == user_id))
    revision.count(db)


def revoke_had_for(db: Session, application_credential_ids: Collection[str]) -> None:
    """Forget every token that was had for one of these application credentials."""
    theirs = Token.application_credential_id.in_(application_credential_ids)
    engine.changed(db, sa.delete(Token).where(theirs))
    revision.count(db)


def revoke_scoped(db: Session, project_id: str) -> None:
    """Forget every token for a project."""
    engine.changed(db, sa.delete(Token).where(Token.project_id == project_id))
    revision.count(db)


def purge(db: Session, now: datetime, limit: int = 1000) -> int:
    """Forget tokens whose time is over, at most `limit` of them."""
    over = sa.select(Token.hash).where(Token.expires_at <= now).limit(limit)
    hashes = list(db.scalars(over))
    return engine.changed(db, sa.delete(Token).where(Token.hash.in_(hashes))) if hashes else 0


def hashed(token_text: str) -> str:
    return hashlib.sha256(token_text.encode("utf-8", "replace")).hexdigest()
