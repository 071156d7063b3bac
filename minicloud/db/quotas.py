"""What a project may have, and what it uses: counted and never stored."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db import quota_statements as statements
from minicloud.db.engine import First, changed
from minicloud.db.models import (
    Instance,
    KeyPair,
    Quota,
    QuotaClass,
    QuotaGuard,
    ServerGroup,
    ServerGroupMember,
)

_CLASSES = ":classes"  # who guards the limits of classes
OF_SERVERS = ("cores", "instances", "ram")  # in the order of Nova's texts
NO_WORDS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Usual:
    """What holds where nobody was given a limit: a class's, else that of the options.

    The class `default` is everybody's; `quota_class` goes before it.
    """

    options: Mapping[str, int]
    quota_class: str | None = None


@dataclass(frozen=True)
class Bound:
    """Limits by resource, and what is used of instances, cores and ram under them."""

    limits: Mapping[str, int]
    used: Mapping[str, int]

    def room(self, each: Mapping[str, int], most: int) -> int:
        """How many of these fit, up to `most`."""
        fitting = [
            (self.limits[name] - self.used[name]) // amount
            for name, amount in each.items()
            if self.limits[name] >= 0 and amount
        ]
        return max(min([most, *fitting]), 0)


def guard(db: Session, owner: str) -> None:
    """Let nobody else count and write for this project (or user) until the transaction ends.

    The row that is locked is made once, in a transaction of its own: many who insert it at once,
    and go on with what else they hold, would stop one another for good.
    """
    query = sa.select(QuotaGuard.project_id).where(QuotaGuard.project_id == owner)
    if db.scalar(query.with_for_update()) is None:
        raise First(lambda first: _make_guard(first, owner))


def _make_guard(db: Session, owner: str) -> None:
    with suppress(DBDuplicateEntry), db.begin_nested():
        db.execute(sa.insert(QuotaGuard), [{"project_id": owner}])


def limits(db: Session, project_id: str, user_id: str | None, usual: Usual) -> Mapping[str, int]:
    """What holds, by resource: the user's own limit, else the project's, else the usual one.

    Without a user the project's limits. Below 0: no limit.
    """
    of_project, of_user, _used = _layers(db, statements.LIMITS, project_id, user_id, usual)
    return of_project | of_user


def bounds(db: Session, project_id: str, user_id: str, usual: Usual) -> Sequence[Bound]:
    """What new servers have to stay under: the project's limits and, last, those of a user who has
    limits of their own. Whoever checks and then writes holds the `guard`."""
    both = statements.LIMITS_AND_USAGE
    of_project, of_user, (*used, growing) = _layers(db, both, project_id, user_id, usual)
    found = [Bound(of_project, in_use(db, project_id) if growing else _named(used))]
    if of_user:
        found.append(Bound(of_project | of_user, in_use(db, project_id, user_id)))
    return found


def check(
    bounds: Sequence[Bound], asked: Mapping[str, int], said: Mapping[str, str] = NO_WORDS
) -> None:
    """QuotaExceeded when that many more instances, cores, ram go over a limit.

    `said`: what the refusal says was asked for, where that is not the number.
    """
    for bound in bounds:
        over = [
            name
            for name in OF_SERVERS
            if asked.get(name) and 0 <= bound.limits[name] < bound.used[name] + asked[name]
        ]
        if over:
            raise errors.QuotaExceeded(
                ", ".join(over),
                *(
                    ", ".join(str(numbers[name]) for name in over)
                    for numbers in ({**asked, **said}, bound.used, bound.limits)
                ),
            )


def in_use(db: Session, project_id: str, user_id: str | None = None) -> Mapping[str, int]:
    """Instances, cores and ram of a project, or of one user in it."""
    return _named(usage(db, project_id, user_id))


def _named(numbers: Sequence[int]) -> Mapping[str, int]:
    return dict(zip(("instances", "cores", "ram"), numbers, strict=True))


def usage(db: Session, project_id: str, user_id: str | None = None) -> tuple[int, int, int]:
    """(instances, cores, memory in MB) of a project, or of one user in it.

    What is being resized counts as the larger of what it was and what it will be; what is being
    restored counts.
    """
    of_user = user_id is not None
    words = {"project": project_id, "user": user_id}
    rows = [row[2:] for row in db.execute(statements.USAGE[of_user], words)]
    if rows[0][3]:  # rare
        rows = [row[2:] for row in db.execute(statements.GROWN[of_user], words)]
    instances, cores, ram = (sum(int(row[n]) for row in rows) for n in range(3))
    return instances, cores, ram


def key_pairs(db: Session, user_id: str) -> int:
    """How many a user has, whatever the project."""
    return _count(db, KeyPair.id, KeyPair.user_id == user_id)


def server_groups(db: Session, project_id: str, user_id: str | None = None) -> int:
    of_user = () if user_id is None else (ServerGroup.user_id == user_id,)
    return _count(db, ServerGroup.id, ServerGroup.project_id == project_id, *of_user)


def server_group_members(db: Session, group_id: int, user_id: str) -> int:
    """A user's servers in a group, those that are deleted not counted."""
    return _count(
        db,
        ServerGroupMember.instance_uuid,
        ServerGroupMember.group_id == group_id,
        Instance.uuid == ServerGroupMember.instance_uuid,
        Instance.deleted == 0,
        Instance.user_id == user_id,
    )


def of_class(db: Session, name: str) -> Mapping[str, int]:
    """The limits that a class has been given."""
    rows = db.scalars(sa.select(QuotaClass).where(QuotaClass.class_name == name))
    return {row.resource: row.hard_limit for row in rows}


def given_to_users(db: Session, project_id: str) -> Mapping[str, int]:
    """resource -> the sum of the limits that users of the project have of their own."""
    query = (
        sa.select(Quota.resource, sa.func.sum(Quota.hard_limit))
        .where(Quota.project_id == project_id, Quota.user_id != "", Quota.hard_limit > 0)
        .group_by(Quota.resource)
    )
    return {resource: int(total) for resource, total in db.execute(query)}


def put(db: Session, project_id: str, user_id: str, changes: Mapping[str, int]) -> None:
    """Set limits of a project, or of a user in it. Under the project's `guard`."""
    for resource, limit in changes.items():
        row = Quota(project_id=project_id, user_id=user_id, resource=resource, hard_limit=limit)
        db.merge(row)
    db.flush()


def forget(db: Session, project_id: str, user_id: str | None = None) -> None:
    """Back to what the class and the options say: a user, or the project with all its users."""
    here = [Quota.project_id == project_id]
    if user_id is not None:
        here.append(Quota.user_id == user_id)
    changed(db, sa.delete(Quota).where(*here))


def put_class(db: Session, name: str, changes: Mapping[str, int]) -> None:
    guard(db, _CLASSES)
    for resource, limit in changes.items():
        db.merge(QuotaClass(class_name=name, resource=resource, hard_limit=limit))
    db.flush()


def _count(
    db: Session,
    column: sa.orm.InstrumentedAttribute[int] | sa.orm.InstrumentedAttribute[str],
    *where: sa.ColumnElement[bool],
) -> int:
    return db.scalar(sa.select(sa.func.count(column)).where(*where)) or 0


def _layers(
    db: Session, statement: Any, project_id: str, user_id: str | None, usual: Usual
) -> tuple[dict[str, int], dict[str, int], Sequence[int]]:
    """(the project's limits, the user's own, what the project uses where the statement asks)."""
    words = {
        "project": project_id,
        "user": user_id or "",
        "quota_class": usual.quota_class or statements.DEFAULT_CLASS,
    }
    layers: tuple[dict[str, int], ...] = ({}, {}, {}, {})
    used: Sequence[int] = ()
    for layer, resource, *numbers in db.execute(statement, words):
        if layer == statements.USED:
            used = [int(number) for number in numbers]
        else:
            layers[layer][resource] = int(numbers[0])
    *general, of_user = layers
    of_project = dict(usual.options)
    for layer in general:
        of_project |= layer
    return of_project, of_user, used
