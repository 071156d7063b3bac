"""Users, projects, domains and roles, and who has which role where."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from minicloud.db import credentials, engine, revision, roles, rows, tokens
from minicloud.db.models import (
    ApplicationCredential,
    Domain,
    Project,
    Role,
    RoleAssignment,
    User,
)
from minicloud.errors import Conflict

M = TypeVar("M", User, Project)


@dataclass(frozen=True, slots=True)
class Reference:
    """A user or project as a log-in names it: by its id, or by its name in a domain."""

    id: str | None = None
    name: str | None = None
    domain_id: str | None = None
    domain_name: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that a user has on a project, with all names.

    `given_id`: the role that was given, and implies this one or is it.
    """

    user_id: str
    user_name: str
    user_domain_id: str
    user_domain_name: str
    project_id: str
    project_name: str
    project_domain_id: str
    project_domain_name: str
    role_id: str
    role_name: str
    given_id: str


def user(db: Session, reference: Reference) -> User | None:
    return _named(db, User, reference)


def project(db: Session, reference: Reference) -> Project | None:
    return _named(db, Project, reference)


def project_of(db: Session, user_id: str, reference: Reference) -> Project | None:
    """The project if the user has a role there; another is as good as none."""
    theirs = sa.select(RoleAssignment.project_id).where(RoleAssignment.user_id == user_id)
    return _named(db, Project, reference, Project.id.in_(theirs))


def names(db: Session, kind: type[User] | type[Project], limit: int) -> list[str]:
    """Of users or projects, in their order."""
    return list(db.scalars(sa.select(kind.name).order_by(kind.name).limit(limit)))


def project_named(db: Session, domain_id: str, name: str) -> Project | None:
    return _named(db, Project, Reference(name=name, domain_id=domain_id))


def projects_of(db: Session, user_id: str) -> list[Project]:
    """The projects on which the user has a role."""
    theirs = sa.select(RoleAssignment.project_id).where(RoleAssignment.user_id == user_id)
    return list(
        db.scalars(sa.select(Project).where(Project.id.in_(theirs)).order_by(Project.name))
    )


def projects_open_to(db: Session, user_id: str) -> list[Project]:
    """The projects for which the user can have a token now."""
    mine = projects_of(db, user_id)
    asked = sa.select(Domain.id).where(Domain.enabled)
    open_domains = set(db.scalars(asked.where(Domain.id.in_({row.domain_id for row in mine}))))
    return [row for row in mine if row.enabled and row.domain_id in open_domains]


def hold(db: Session, user_id: str) -> str | None:
    """The user's password hash; a change of it waits for this transaction to end."""
    asked = sa.select(User.password_hash).where(User.id == user_id)
    return db.scalar(asked.with_for_update(read=True))


def unchanged_password(db: Session, user_id: str, password_hash: str) -> bool:
    """Whether it is still the user's password; a change waits for this transaction."""
    return hmac.compare_digest(hold(db, user_id) or "", password_hash)


def change_password(
    db: Session, user_id: str, password_hash: str, now: datetime, old_hash: str | None = None
) -> bool:
    """Set a new password; whatever was issued under the old one is refused from now on.

    False when the user is not there or `old_hash` is not the password any more.
    """
    here = sa.update(User).where(User.id == user_id)
    if old_hash is not None:
        here = here.where(User.password_hash == old_hash)
    if not engine.changed_one(db, here.values(password_hash=password_hash, valid_from=now)):
        return False
    tokens.revoke_all(db, user_id)
    return True


def delete_user(db: Session, user_id: str) -> bool:
    engine.changed(db, sa.delete(RoleAssignment).where(RoleAssignment.user_id == user_id))
    credentials.delete_of(db, ApplicationCredential.user_id == user_id)
    gone = rows.delete(db, User, user_id)
    tokens.revoke_all(db, user_id)
    return gone


def delete_project(db: Session, project_id: str) -> bool:
    engine.changed(db, sa.delete(RoleAssignment).where(RoleAssignment.project_id == project_id))
    credentials.delete_of(db, ApplicationCredential.project_id == project_id)
    gone = rows.delete(db, Project, project_id)
    revision.count(db)
    return gone


def delete_role(db: Session, role_id: str) -> bool:
    engine.changed(db, sa.delete(RoleAssignment).where(RoleAssignment.role_id == role_id))
    credentials.delete_of(db, role_id=role_id)
    gone = rows.delete(db, Role, role_id)
    revision.count(db)
    return gone


def delete_domain(db: Session, domain_id: str) -> bool:
    """Delete a disabled domain and what is in it; False when there is none that is disabled."""
    gone = sa.delete(Domain).where(Domain.id == domain_id, Domain.enabled.is_(False))
    if not engine.changed_one(db, gone):
        return False
    users = sa.select(User.id).where(User.domain_id == domain_id)
    projects = sa.select(Project.id).where(Project.domain_id == domain_id)
    theirs = RoleAssignment.user_id.in_(users) | RoleAssignment.project_id.in_(projects)
    engine.changed(db, sa.delete(RoleAssignment).where(theirs))
    stand_ins = ApplicationCredential.user_id.in_(users)
    credentials.delete_of(db, stand_ins | ApplicationCredential.project_id.in_(projects))
    engine.changed(db, sa.delete(User).where(User.domain_id == domain_id))
    engine.changed(db, sa.delete(Project).where(Project.domain_id == domain_id))
    revision.count(db)
    return True


def assign(db: Session, user_id: str, project_id: str, role_id: str) -> bool:
    """Give a role, once; False when the user, the project or the role is not there."""
    if assigned(db, user_id, project_id, role_id):
        return True
    there = (rows.get(db, User, user_id), rows.get(db, Project, project_id))
    if not all(there) or rows.get(db, Role, role_id) is None:
        return False
    try:
        with db.begin_nested():
            given = RoleAssignment(user_id=user_id, project_id=project_id, role_id=role_id)
            rows.insert(db, given)
    except Conflict:  # given by someone else meanwhile
        return True
    revision.count(db)
    return True


def unassign(db: Session, user_id: str, project_id: str, role_id: str) -> bool:
    """Take a role, and the application credentials that were made with it."""
    here = (
        ApplicationCredential.user_id == user_id,
        ApplicationCredential.project_id == project_id,
    )
    credentials.delete_of(db, *here, role_id=role_id)
    taken = engine.changed_one(
        db, sa.delete(RoleAssignment).where(*_is(user_id, project_id, role_id))
    )
    revision.count(db)
    return taken


def assigned(db: Session, user_id: str, project_id: str, role_id: str) -> bool:
    asked = sa.select(RoleAssignment.role_id).where(*_is(user_id, project_id, role_id))
    return db.scalar(asked) is not None


def assignments(
    db: Session,
    user_id: str | None = None,
    project_id: str | None = None,
    role_id: str | None = None,
    *,
    effective: bool = False,
) -> list[Assignment]:
    """Who has which role where, in one select; `effective`: with the roles that others imply."""
    home, realm, given = aliased(Domain), aliased(Domain), aliased(Role)
    asked = (
        sa.select(
            User.id,
            User.name,
            home.id,
            home.name,
            Project.id,
            Project.name,
            realm.id,
            realm.name,
            Role.id,
            Role.name,
            given.id,
        )
        .select_from(RoleAssignment)
        .join(User, User.id == RoleAssignment.user_id)
        .join(home, home.id == User.domain_id)
        .join(Project, Project.id == RoleAssignment.project_id)
        .join(realm, realm.id == Project.domain_id)
        .join(given, given.id == RoleAssignment.role_id)
        .join(Role, roles.had_with(given, Role) if effective else Role.id == given.id)
        .order_by(User.name, Project.name, Role.name)
    )
    wanted: Iterable[tuple[sa.ColumnElement[str], str | None]] = (
        (sa.type_coerce(RoleAssignment.user_id, sa.String), user_id),
        (sa.type_coerce(RoleAssignment.project_id, sa.String), project_id),
        (sa.type_coerce(Role.id, sa.String), role_id),
    )
    asked = asked.where(*(column == value for column, value in wanted if value is not None))
    return [Assignment(*cast("tuple[str, ...]", row)) for row in db.execute(asked)]


def _is(user_id: str, project_id: str, role_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        RoleAssignment.user_id == user_id,
        RoleAssignment.project_id == project_id,
        RoleAssignment.role_id == role_id,
    )


def _named(
    db: Session, model: type[M], reference: Reference, *where: sa.ColumnElement[bool]
) -> M | None:
    asked = sa.select(model).where(*where)
    if reference.id is not None:
        return db.scalar(asked.where(model.id == reference.id))
    asked = asked.join(Domain, Domain.id == model.domain_id).where(model.name == reference.name)
    if reference.domain_id is not None:
        return db.scalar(asked.where(Domain.id == reference.domain_id))
    return db.scalar(asked.where(Domain.name == reference.domain_name))
