"""Rows of aggregates and the availability zones that they make.

A host is in at most one zone, and while servers are on it the zone is not changed.
"""

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.engine import changed
from minicloud.db.models import Aggregate, AggregateHost, ComputeNode, Instance

ZONE_KEY = "availability_zone"
Marks = tuple[tuple[int, datetime], ...]
_REFUSED = "Cannot {} aggregate {}. Reason: {}."


def of_hosts(db: Session) -> dict[str, list[Mapping[str, str]]]:
    """host -> the metadata of each aggregate that it is in."""
    query = sa.select(AggregateHost.host, Aggregate.meta).join(
        Aggregate, Aggregate.id == AggregateHost.aggregate_id
    )
    found: dict[str, list[Mapping[str, str]]] = {}
    for host, meta in db.execute(query):
        found.setdefault(host, []).append(meta)
    return found


def zones(db: Session) -> dict[str, str]:
    """host -> availability zone, of those hosts that are in an aggregate with a zone."""
    return {
        host: meta[ZONE_KEY]
        for host, metas in of_hosts(db).items()
        for meta in metas
        if ZONE_KEY in meta
    }


@dataclass(frozen=True)
class Groups:
    """All aggregates: metadata and names by id, and the ids of those that each host is in.

    `marks` tell one state of all aggregates from another: each change of one changes its mark.
    """

    marks: Marks
    metadata: Mapping[int, Mapping[str, str]]
    of_hosts: Mapping[str, Sequence[int]]
    names: Mapping[int, str]


def marks(db: Session) -> Marks:
    """What differs after any change to any aggregate."""
    query = sa.select(Aggregate.id, Aggregate.updated_at).order_by(Aggregate.id)
    return tuple((row.id, row.updated_at) for row in db.execute(query))


def changed_groups(db: Session, known: Marks | None) -> Groups | None:
    """All aggregates, if they are not as `known` any more; else one small question is all."""
    now = marks(db)
    if now == known:
        return None
    of_hosts: dict[str, list[int]] = {}
    for aggregate_id, hosts in sorted(members(db).items()):
        for host in hosts:
            of_hosts.setdefault(host, []).append(aggregate_id)
    rows = all_of_them(db)
    names = {row.id: row.name for row in rows}
    return Groups(now, {row.id: row.meta for row in rows}, of_hosts, names)


def members(db: Session) -> dict[int, list[str]]:
    """id of an aggregate -> its hosts, by name."""
    found: dict[int, list[str]] = {}
    query = sa.select(AggregateHost.aggregate_id, AggregateHost.host).order_by(AggregateHost.host)
    for aggregate_id, host in db.execute(query):
        found.setdefault(aggregate_id, []).append(host)
    return found


def all_of_them(db: Session) -> list[Aggregate]:
    return list(db.scalars(sa.select(Aggregate).order_by(Aggregate.id)))


def of_host(db: Session, host: str) -> list[Aggregate]:
    query = sa.select(Aggregate).join(AggregateHost, AggregateHost.aggregate_id == Aggregate.id)
    return list(db.scalars(query.where(AggregateHost.host == host).order_by(Aggregate.id)))


def locked(db: Session, ref: int) -> Aggregate:
    """The row, locked until the end of the transaction. AggregateNotFound."""
    row = db.scalar(sa.select(Aggregate).where(Aggregate.id == ref).with_for_update())
    if row is None:
        raise errors.AggregateNotFound(ref)
    return row


def add(db: Session, name: str, meta: Mapping[str, str], now: datetime) -> Aggregate:
    """AggregateExists for a name that is taken."""
    row = Aggregate(
        uuid=str(uuids.uuid4()), name=name, meta=dict(meta), created_at=now, updated_at=now
    )
    db.add(row)
    _flush(db, name)
    return row


def made_at(db: Session, name: str, now: datetime) -> Aggregate | None:
    """The aggregate of this name, if it was made at that very moment."""
    here = (Aggregate.name == name, Aggregate.created_at == now)
    return db.scalar(sa.select(Aggregate).where(*here))


def rename(db: Session, row: Aggregate, name: str, now: datetime) -> None:
    row.name, row.updated_at = name, now
    _flush(db, name)


def set_meta(
    db: Session, row: Aggregate, changes: Mapping[str, str | None], now: datetime
) -> None:
    """Set keys; None takes a key away. Conflict when it would move hosts with servers."""
    meta = {key: value for key, value in {**row.meta, **changes}.items() if value is not None}
    if meta.get(ZONE_KEY) != row.meta.get(ZONE_KEY):
        hosts = members(db).get(row.id, [])
        _hold(db, hosts)
        _refuse_two_zones(db, row.id, hosts, meta.get(ZONE_KEY))
        _refuse_moving_servers(db, hosts)
    row.meta, row.updated_at = meta, now
    db.flush()


def add_host(db: Session, row: Aggregate, host: str, now: datetime) -> None:
    """Conflict when the host is in it already, or would be in two zones, or move its servers."""
    if host in members(db).get(row.id, []):
        raise errors.Conflict(f"Aggregate {row.id} already has host {host}.")
    _hold(db, [host])
    _refuse_two_zones(db, row.id, [host], row.meta.get(ZONE_KEY))
    if ZONE_KEY in row.meta and zones(db).get(host) != row.meta[ZONE_KEY]:
        _refuse_moving_servers(db, [host])
    db.add(AggregateHost(aggregate_id=row.id, host=host))
    row.updated_at = now
    db.flush()


def remove_host(db: Session, row: Aggregate, host: str, now: datetime) -> None:
    """NotFound when it is not in it; Conflict when its servers would change their zone."""
    if host not in members(db).get(row.id, []):
        raise errors.NotFound(f"Aggregate {row.id} has no host {host}.")
    if ZONE_KEY in row.meta:
        _hold(db, [host])
        _refuse_moving_servers(db, [host])
    here = (AggregateHost.aggregate_id == row.id, AggregateHost.host == host)
    changed(db, sa.delete(AggregateHost).where(*here))
    row.updated_at = now
    db.flush()


def forget_host(db: Session, host: str, now: datetime) -> None:
    """Take a host that is removed for good out of every aggregate."""
    of_host = sa.select(AggregateHost.aggregate_id).where(AggregateHost.host == host)
    here = Aggregate.id.in_(of_host.scalar_subquery())
    changed(db, sa.update(Aggregate).where(here).values(updated_at=now))
    changed(db, sa.delete(AggregateHost).where(AggregateHost.host == host))


def remove(db: Session, row: Aggregate) -> None:
    """BadRequest while hosts are in it."""
    if members(db).get(row.id):
        raise errors.BadRequest(_REFUSED.format("remove", row.id, "Host aggregate is not empty"))
    db.delete(row)
    db.flush()


def _hold(db: Session, hosts: Sequence[str]) -> None:
    """Let nobody claim on these hosts, nor put them into another zone, until the end."""
    nodes = sa.select(ComputeNode.id).where(ComputeNode.host.in_(hosts))
    db.execute(nodes.order_by(ComputeNode.host).with_for_update()).all()


def _refuse_two_zones(
    db: Session, aggregate_id: int, hosts: Sequence[str], zone: str | None
) -> None:
    query = sa.select(AggregateHost.host, Aggregate.meta).join(
        Aggregate, Aggregate.id == AggregateHost.aggregate_id
    )
    others = query.where(AggregateHost.host.in_(hosts), Aggregate.id != aggregate_id)
    for host, meta in db.execute(others):
        if zone is not None and meta.get(ZONE_KEY, zone) != zone:
            raise errors.Conflict(f"Host {host} is in availability zone {meta[ZONE_KEY]} already.")


def _refuse_moving_servers(db: Session, hosts: Sequence[str]) -> None:
    here = (Instance.host.in_(hosts), Instance.deleted == 0)
    taken = db.scalar(sa.select(Instance.host).where(*here).limit(1))
    if taken is not None:
        raise errors.Conflict(
            f"One or more hosts contain instances in this zone: {taken}; "
            "its availability zone cannot be changed now."
        )


def _flush(db: Session, name: str) -> None:
    try:
        with db.begin_nested():
            db.flush()
    except DBDuplicateEntry as error:
        raise errors.AggregateExists(name) from error
