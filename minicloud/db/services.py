"""Rows of services: the members of the service group and when they were last seen."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db import rows
from minicloud.db.engine import changed, changed_one
from minicloud.db.models import Service, table_of


def seen(db: Session, binary: str, hosts: Sequence[str], now: datetime) -> None:
    """Note that these members are alive; members not known yet join."""
    known = (Service.binary == binary, Service.host.in_(hosts))
    values = {"last_seen_up": now, "report_count": Service.report_count + 1}
    if changed(db, sa.update(Service).where(*known).values(values)) == len(hosts):
        return
    there = set(db.scalars(sa.select(Service.host).where(*known)))
    new = [
        {
            "uuid": str(uuids.uuid4()),
            "binary": binary,
            "host": host,
            "report_count": 1,
            "last_seen_up": now,
            "created_at": now,
            "updated_at": now,
        }
        for host in hosts
        if host not in there
    ]
    for row in new:
        with suppress(DBDuplicateEntry), db.begin_nested():  # someone else was told of it too
            db.execute(sa.insert(table_of(Service)), [row])


def left(db: Session, binary: str, host: str, last_beat: datetime) -> None:
    """Note that a member has gone of its own accord, unless its successor was heard since."""
    member = (Service.binary == binary, Service.host == host, Service.last_seen_up <= last_beat)
    changed(db, sa.update(Service).where(*member).values(last_seen_up=None))


def of_group(db: Session, binary: str | None = None, host: str | None = None) -> list[Service]:
    query = sa.select(Service).order_by(Service.id)
    if binary is not None:
        query = query.where(Service.binary == binary)
    if host is not None:
        query = query.where(Service.host == host)
    return list(db.scalars(query))


def names(db: Session, binary: str) -> frozenset[str]:
    """The hosts of all members."""
    return frozenset(db.scalars(sa.select(Service.host).where(Service.binary == binary)))


def mark(db: Session, binary: str) -> tuple[int, int | None]:
    """Another one whenever there are other members."""
    count = sa.select(sa.func.count(Service.id), sa.func.max(Service.id))
    row = db.execute(count.where(Service.binary == binary)).one()
    return row[0], row[1]


def not_heard(
    db: Session, binary: str, since: datetime, until: datetime
) -> list[tuple[str, bool, datetime | None]]:
    """(host, forced_down, last_seen_up) of the members that were not seen between these moments,
    that have left since, or that were forced down; there are few of them."""
    silent = sa.or_(
        Service.forced_down.is_(True),
        Service.left_at >= Service.last_seen_up,
        Service.last_seen_up.is_(None),
        Service.last_seen_up < since,
        Service.last_seen_up > until,
    )
    query = sa.select(Service.host, Service.forced_down, Service.last_seen_up)
    found = db.execute(query.where(Service.binary == binary, silent))
    return [(row.host, row.forced_down, row.last_seen_up) for row in found]


def forced_down(db: Session, binary: str) -> frozenset[str]:
    """The members that an operator has called down."""
    down = (Service.binary == binary, Service.forced_down.is_(True))
    return frozenset(db.scalars(sa.select(Service.host).where(*down)))


def disabled(db: Session, binary: str) -> list[str]:
    """The members that an operator took out of service."""
    out = (Service.binary == binary, Service.disabled.is_(True))
    return list(db.scalars(sa.select(Service.host).where(*out)))


def get(db: Session, ref: str) -> Service | None:
    """By id or uuid."""
    number = rows.number(ref)
    key = Service.uuid == ref if number is None else Service.id == number
    return db.scalar(sa.select(Service).where(key))


def change(db: Session, row_id: int, facts: Mapping[str, Any]) -> None:
    changed_one(db, sa.update(Service).where(Service.id == row_id).values(dict(facts)))


def remove(db: Session, row_id: int) -> None:
    changed_one(db, sa.delete(Service).where(Service.id == row_id))
