"""Rows of services: the members of the service group and when they were last seen."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db import rows
from minicloud.db.engine import changed, changed_one
from minicloud.db.models import Service, table_of

_AT_ONCE: Final = 1000  # names in one question


class Place(NamedTuple):
    id: int
    last_seen_up: datetime | None


def seen(db: Session, binary: str, hosts: Sequence[str], now: datetime) -> dict[str, int]:
    """Note that these members are alive, and make those that are new; host -> id of its row."""
    known = _ids(db, binary, hosts)
    if known:
        renewed(db, {now: sorted(known.values())}, now)
    new = sorted(set(hosts).difference(known))
    return {**known, **_made(db, binary, new, now)} if new else known


def renewed(db: Session, heard: Mapping[datetime, Sequence[int]], until: datetime) -> int:
    """Note when the members of these rows were alive, by one statement; how many there are.

    A row that has a later moment keeps it, unless that is after `until`: then the server's clock
    was set back. Rows are locked in the order of their ids, so that two who write the same ones
    wait for each other once and not in a circle.
    """
    here = _these(sorted(ident for idents in heard.values() for ident in idents))
    if db.get_bind().dialect.name == "postgresql":  # else it would take them as they lie on disk
        in_order = sa.select(Service.id).where(here).order_by(Service.id)
        locked = in_order.with_for_update(key_share=True).scalar_subquery()
        here = Service.id == sa.func.any(sa.func.array(locked))
    *some, most = sorted(heard, key=lambda moment: len(heard[moment]))
    moment: Any = _not_before(most, until)
    if some:
        each = [(_these(heard[moment]), _not_before(moment, until)) for moment in some]
        moment = sa.case(*each, else_=moment)
    values = {"last_seen_up": moment, "report_count": Service.report_count + 1}
    return changed(db, sa.update(Service).where(here).values(values))


def _these(idents: Sequence[int]) -> sa.ColumnElement[bool]:
    """They stand in the statement as they are: no database takes a hundred thousand parameters."""
    return Service.id.in_(
        sa.bindparam("idents", idents, unique=True, expanding=True, literal_execute=True)
    )


def _not_before(moment: datetime, until: datetime) -> sa.ColumnElement[datetime | None]:
    is_newer = sa.and_(Service.last_seen_up > moment, Service.last_seen_up <= until)
    return sa.case((is_newer, Service.last_seen_up), else_=moment)


def places(db: Session, binary: str, hosts: Sequence[str] | None = None) -> dict[str, Place]:
    """Where these members are in the table, as far as they are; all of them by default."""
    query = sa.select(Service.host, Service.id, Service.last_seen_up)
    query = query.where(Service.binary == binary)
    parts = [query]
    if hosts is not None:
        several = (hosts[n : n + _AT_ONCE] for n in range(0, len(hosts), _AT_ONCE))
        parts = [query.where(Service.host.in_(part)) for part in several]
    return {row[0]: Place(row[1], row[2]) for part in parts for row in db.execute(part)}


def _ids(db: Session, binary: str, hosts: Sequence[str]) -> dict[str, int]:
    return {host: place.id for host, place in places(db, binary, hosts).items()}


def _made(db: Session, binary: str, hosts: Sequence[str], now: datetime) -> dict[str, int]:
    same = {"report_count": 1, "last_seen_up": now, "created_at": now, "updated_at": now}
    new = [{"uuid": str(uuids.uuid4()), "binary": binary, "host": h, **same} for h in hosts]
    try:
        with db.begin_nested():
            db.execute(sa.insert(table_of(Service)), new)
    except DBDuplicateEntry:
        for row in new:
            with suppress(DBDuplicateEntry), db.begin_nested():  # someone else was told of it too
                db.execute(sa.insert(table_of(Service)), [row])
    found = _ids(db, binary, hosts)
    for host in set(hosts).difference(found):  # MariaDB takes a and A for the same
        same_name = (Service.binary == binary, Service.host == host)
        found[host] = db.scalars(sa.select(Service.id).where(*same_name)).one()
    return found


def was_heard(db: Session, binary: str, moments: Mapping[str, datetime]) -> None:
    """When these members were heard, where nothing later is known; they are down by now."""
    together: dict[datetime, list[str]] = {}
    for host, at in sorted(moments.items()):
        together.setdefault(at, []).append(host)
    for at, hosts in together.items():  # who went with a whole room was heard at one moment
        earlier = sa.or_(Service.last_seen_up.is_(None), Service.last_seen_up < at)
        members = (Service.binary == binary, Service.host.in_(hosts), earlier)
        db.execute(sa.update(Service).where(*members).values(last_seen_up=at))


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


def newest(db: Session, until: datetime) -> datetime | None:
    """When any member of any group was heard last, not after `until`."""
    query = sa.select(sa.func.max(Service.last_seen_up)).where(Service.last_seen_up <= until)
    return db.scalar(query)


def heard_again(db: Session, since: datetime, until: datetime, now: datetime) -> int:
    """Write `now` for those that were heard last between these moments, and did not leave."""
    here = sa.or_(Service.left_at.is_(None), Service.left_at < Service.last_seen_up)
    between = Service.last_seen_up.between(since, until)
    return changed(db, sa.update(Service).where(between, here).values(last_seen_up=now))


def called_down(db: Session, binary: str) -> tuple[frozenset[str], frozenset[str]]:
    """The members that an operator has called down, and those that said that they end."""
    said = sa.or_(Service.forced_down.is_(True), Service.left_at.is_not(None))
    query = sa.select(Service.host, Service.forced_down)
    found = db.execute(query.where(Service.binary == binary, said)).all()
    forced = frozenset(row.host for row in found if row.forced_down)
    return forced, frozenset(row.host for row in found) - forced


def last_seen(db: Session, binary: str, host: str, now: datetime) -> None:
    """Note that a member, known already, was alive."""
    member = (Service.binary == binary, Service.host == host)
    changed(db, sa.update(Service).where(*member).values(last_seen_up=now))


def heard(db: Session, binary: str) -> list[tuple[str, bool, datetime | None]]:
    """(host, whether it is forced down or has left, last_seen_up) of all members."""
    has_left = Service.left_at >= Service.last_seen_up
    query = sa.select(Service.host, Service.forced_down, has_left, Service.last_seen_up)
    found = db.execute(query.where(Service.binary == binary).order_by(Service.id))
    return [(host, forced or bool(left), last) for host, forced, left, last in found]


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


def lock(db: Session, row_id: int) -> None:
    """Before the host of it: so do all who change both."""
    db.scalar(sa.select(Service.id).where(Service.id == row_id).with_for_update())


def remove(db: Session, row_id: int) -> None:
    changed_one(db, sa.delete(Service).where(Service.id == row_id))
