"""Whose the names of services are, and in which epoch.

An epoch only grows: with each program that takes a name, and whenever others must be able to rely
on it that what the holder said or was told before counts no more. It is in the row of the service
and, for claims, in the row of the compute host as well; services are locked before hosts.
"""

import uuid as uuids
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud.db.engine import First, changed
from minicloud.db.models import ComputeNode, Service, table_of
from minicloud.errors import NameAlike, NameTaken
from minicloud.runtime.owner import Owner, told

_COMPUTE = "nova-compute"  # the only services that have hosts
_SKEW = timedelta(seconds=1)  # by which conductors may differ about the database's time


def enlist(
    db: Session,
    binary: str,
    names: Collection[str],
    owner: Owner,
    now: datetime,
    alive: Callable[[str], bool],
    patience: timedelta,
    instead_of: Collection[str] = (),
) -> dict[str, int]:
    """Give all these names to this program, or none: name -> epoch. NameTaken, NameAlike.

    Another program keeps a name while it is `alive`, and for so long (`patience`) after it took
    it, as its first sign of life may be on its way, or left without having resigned, as it may be
    finishing its work. But not one of `instead_of` (nonces), which is known to have ended. Who
    asks again gets what it has.
    """
    rows = {row.host: row for row in _lock(db, binary, names, now)}
    for name, row in rows.items():
        other = row.owner
        if other is None or other["nonce"] in (owner["nonce"], *instead_of):
            continue
        moments = [_since(other), *([row.left_at] if row.left_at else [])]
        if alive(name) or any(abs(now - moment) <= patience for moment in moments):
            raise NameTaken(name, told(other), other)
    taken = [name for name, row in rows.items() if not _has(row.owner, owner)]
    if taken:
        mark = {**owner, "since": now.isoformat(" ")}
        _raise_epochs(db, binary, taken, now, owner=mark, left_at=None)
    return {name: row.epoch + (name in taken) for name, row in rows.items()}


def left(db: Session, binary: str, names: Collection[str], nonce: str, now: datetime) -> None:
    """This program is about to end: its services are down, until somebody enlists them."""
    for row in _rows(db, binary, names, lock=True):
        if _has(row.owner, {"nonce": nonce}):
            here = sa.update(Service).where(Service.id == row.id)
            changed(db, here.values(left_at=now + _SKEW))


def resign(db: Session, binary: str, names: Collection[str], nonce: str) -> None:
    """This program needs its names no longer: the next one need not wait for its end."""
    for row in _rows(db, binary, names, lock=True):
        if row.owner is not None and row.owner["nonce"] == nonce:
            changed(db, sa.update(Service).where(Service.id == row.id).values(owner=sa.null()))


def fence(db: Session, hosts: Collection[str], now: datetime) -> None:
    """What these hosts say from now on counts only once they have asked for their epoch, and no
    claim on them succeeds that was decided before."""
    if hosts:
        _rows(db, _COMPUTE, hosts, lock=True)
        _raise_epochs(db, _COMPUTE, hosts, now)


def epochs(db: Session, hosts: Collection[str]) -> dict[str, int]:
    """host -> the epoch that it is in; not of hosts that have no service."""
    query = sa.select(Service.host, Service.epoch).where(*_named(_COMPUTE, hosts))
    return {row.host: row.epoch for row in db.execute(query)}


def stale(db: Session, spoken: Mapping[str, int]) -> dict[str, int]:
    """Of hosts that speak in these epochs, those that are in another one now, and in which."""
    present = epochs(db, spoken) if spoken else {}
    return {host: present.get(host, 0) for host, e in spoken.items() if present.get(host) != e}


def others(
    db: Session, binary: str, names: Collection[str], nonces: Collection[str]
) -> list[Service]:
    """Those of these services that another program has than the ones of these nonces."""
    found = _rows(db, binary, names)
    return [row for row in found if row.owner is not None and row.owner["nonce"] not in nonces]


def _since(owner: Owner) -> datetime:
    return datetime.fromisoformat(owner["since"])


def _has(present: Owner | None, owner: Owner) -> bool:
    return present is not None and present["nonce"] == owner["nonce"]


def _named(binary: str, names: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return Service.binary == binary, Service.host.in_(sorted(names))


def _rows(
    db: Session, binary: str, names: Collection[str], *, lock: bool = False
) -> Sequence[Service]:
    """Locked by id, as whoever notes who is alive (services.renewed) locks them."""
    query = sa.select(Service).where(*_named(binary, names)).order_by(Service.id)
    query = query.execution_options(populate_existing=True)
    return list(db.scalars(query.with_for_update() if lock else query))


def _lock(db: Session, binary: str, names: Collection[str], now: datetime) -> Sequence[Service]:
    """The rows of these services, made first where there are none."""
    rows = _rows(db, binary, names, lock=True)
    missing = sorted(set(names) - {row.host for row in rows})
    if missing:
        raise First(lambda first: _make(first, binary, missing, now))
    return rows


def _make(db: Session, binary: str, names: Sequence[str], now: datetime) -> None:
    """By itself: who finds another's row here holds a lock on it that others wait for."""
    for name in names:
        new = {"uuid": str(uuids.uuid4()), "binary": binary, "host": name, "report_count": 0}
        with suppress(DBDuplicateEntry), db.begin_nested():  # someone else made it meanwhile
            marks = {"created_at": now, "updated_at": now}
            db.execute(sa.insert(table_of(Service)), [{**new, **marks}])
        there = db.scalar(sa.select(Service.host).where(*_named(binary, [name])))
        if there is not None and there != name:  # MariaDB takes a and A for the same
            raise NameAlike(name, there)


def _raise_epochs(
    db: Session, binary: str, names: Collection[str], now: datetime, **facts: Any
) -> None:
    higher = sa.update(Service).where(*_named(binary, names))
    changed(db, higher.values(epoch=Service.epoch + 1, **facts))
    if binary != _COMPUTE:
        return
    epoch = (
        sa.select(Service.epoch)
        .where(Service.binary == _COMPUTE, Service.host == ComputeNode.host)
        .scalar_subquery()
    )
    # Where a service was removed, its host is in no list; one that is alone keeps its epoch.
    copied = sa.func.coalesce(epoch, ComputeNode.epoch + 1)
    here = ComputeNode.host.in_(sorted(names))
    changed(db, sa.update(ComputeNode).where(here).values(epoch=copied, changed_at=now))
