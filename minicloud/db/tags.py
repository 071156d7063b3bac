"""Rows of servers' tags. Whoever writes them has the server's row locked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed_one
from minicloud.db.models import Instance, InstanceTag, table_of

_TABLE = table_of(InstanceTag)


@dataclass(frozen=True)
class TagFilters:
    """What a listing of servers is narrowed to by tags; an empty one narrows nothing."""

    every: frozenset[str] = frozenset()  # all of these
    some: frozenset[str] = frozenset()  # at least one of these
    not_every: frozenset[str] = frozenset()
    not_some: frozenset[str] = frozenset()

    def conditions(self, *, of_few: bool) -> list[sa.ColumnElement[bool]]:
        """`of_few`: each of the servers is asked for its tags, and not every tag for its bearers,
        who may be anyone's."""
        has = _bears if of_few else _is_among
        found = []
        if self.every:
            found.append(has(self.every, len(self.every)))
        if self.some:
            found.append(has(self.some, 1))
        if self.not_every:
            found.append(~has(self.not_every, len(self.not_every)))
        if self.not_some:
            found.append(~has(self.not_some, 1))
        return found


def _bears(tags: Collection[str], least: int) -> sa.ColumnElement[bool]:
    """At least so many of these tags."""
    mine = (InstanceTag.instance_uuid == Instance.uuid, InstanceTag.tag.in_(sorted(tags)))
    if least == 1:
        return sa.exists().where(*mine)
    counted = sa.select(sa.func.count(InstanceTag.tag)).where(*mine)
    return counted.scalar_subquery() == least


def _is_among(tags: Collection[str], least: int) -> sa.ColumnElement[bool]:
    """The same."""
    query = sa.select(InstanceTag.instance_uuid).where(InstanceTag.tag.in_(sorted(tags)))
    if least > 1:
        bearers = query.group_by(InstanceTag.instance_uuid)
        query = bearers.having(sa.func.count(InstanceTag.tag) == least)
    return Instance.uuid.in_(query)


def of(db: Session, uuid: str) -> list[str]:
    """The server's tags in their order."""
    query = sa.select(_TABLE.c.tag).where(_TABLE.c.instance_uuid == uuid)
    return list(db.scalars(query.order_by(_TABLE.c.tag)))


def joined(instances: sa.Table) -> sa.ScalarSelect[str]:
    """All tags of a row of instances as one text; see `told`."""
    mine = _TABLE.c.instance_uuid == instances.c.uuid
    query = sa.select(sa.func.aggregate_strings(_TABLE.c.tag, ",")).where(mine)
    return query.scalar_subquery()


def told(text: str | None) -> list[str]:
    """The tags of such a text in their order; no tag has a comma."""
    return sorted(text.split(",")) if text else []


def distinct(tags: Iterable[str]) -> list[str]:
    """In their order, each once; blanks at the end make no difference, as MariaDB sees none."""
    return sorted({tag.rstrip(" "): tag for tag in tags}.values())


def bears(tags: Iterable[str], tag: str) -> bool:
    return tag.rstrip(" ") in {one.rstrip(" ") for one in tags}


def add(db: Session, uuids: Iterable[str], tags: Iterable[str]) -> None:
    """Tags that none of these has yet."""
    tags = list(tags)
    rows = [{"instance_uuid": uuid, "tag": tag} for uuid in uuids for tag in tags]
    if rows:
        db.execute(sa.insert(_TABLE), rows)


def remove(db: Session, uuid: str, tag: str) -> bool:
    here = (InstanceTag.instance_uuid == uuid, InstanceTag.tag == tag)
    return changed_one(db, sa.delete(InstanceTag).where(*here))


def clear(db: Session, uuids: Collection[str]) -> None:
    db.execute(sa.delete(_TABLE).where(_TABLE.c.instance_uuid.in_(uuids)))
