"""Rows of flavors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.models import Flavor

# Devstack's: flavorid, name, vcpus, memory in MB, disk in GB.
DEVSTACK = (
    ("1", "m1.tiny", 1, 512, 1),
    ("2", "m1.small", 1, 2048, 20),
    ("3", "m1.medium", 2, 4096, 40),
    ("4", "m1.large", 4, 8192, 80),
    ("5", "m1.xlarge", 8, 16384, 160),
    ("42", "m1.nano", 1, 128, 1),
    ("84", "m1.micro", 1, 192, 1),
)
SORT_KEYS = frozenset(
    {"flavorid", "name", "vcpus", "memory_mb", "root_gb", "ephemeral_gb", "created_at", "id"}
    | {"swap_mb", "rxtx_factor", "is_public", "disabled"}
)


def add_devstack(db: Session, now: datetime) -> None:
    """Devstack's flavors, where there is no flavor at all."""
    if db.scalar(sa.select(Flavor.id).limit(1)) is not None:
        return
    db.execute(
        sa.insert(Flavor),
        [
            {
                "flavorid": flavorid,
                "name": name,
                "vcpus": vcpus,
                "memory_mb": memory_mb,
                "root_gb": root_gb,
                "extra_specs": {},
                "created_at": now,
            }
            for flavorid, name, vcpus, memory_mb, root_gb in DEVSTACK
        ],
    )


def get(db: Session, flavorid: str) -> Flavor:
    """FlavorNotFound when there is none of this id."""
    flavor = db.scalar(sa.select(Flavor).where(Flavor.flavorid == flavorid))
    if flavor is None:
        raise errors.FlavorNotFound(flavorid)
    return flavor


def add(db: Session, facts: Mapping[str, Any], now: datetime) -> Flavor:
    """FlavorExists for an id or a name that is taken."""
    for what, column in (("name", "name"), ("ID", "flavorid")):
        taken = sa.select(Flavor.id).where(getattr(Flavor, column) == facts[column])
        if db.scalar(taken) is not None:
            raise errors.FlavorExists(what, facts[column])
    flavor = Flavor(**facts, extra_specs={}, disabled=False, created_at=now)
    db.add(flavor)
    try:
        with db.begin_nested():
            db.flush()
    except DBDuplicateEntry as error:
        raise errors.FlavorExists("ID", facts["flavorid"]) from error
    return flavor


def remove(db: Session, flavorid: str) -> None:
    """FlavorNotFound. Servers keep their copies."""
    db.delete(_locked(db, flavorid))
    db.flush()


def set_specs(db: Session, flavorid: str, changes: Mapping[str, str]) -> None:
    """Merge extra specs in. FlavorNotFound."""
    flavor = _locked(db, flavorid)
    flavor.extra_specs = {**flavor.extra_specs, **changes}
    db.flush()


def remove_spec(db: Session, flavorid: str, key: str) -> None:
    """FlavorNotFound, FlavorSpecNotFound."""
    flavor = _locked(db, flavorid)
    if key not in flavor.extra_specs:
        raise errors.FlavorSpecNotFound(flavorid, key)
    flavor.extra_specs = {k: v for k, v in flavor.extra_specs.items() if k != key}
    db.flush()


def _locked(db: Session, flavorid: str) -> Flavor:
    flavor = db.scalar(sa.select(Flavor).where(Flavor.flavorid == flavorid).with_for_update())
    if flavor is None:
        raise errors.FlavorNotFound(flavorid)
    return flavor


def page(
    db: Session,
    filters: Mapping[str, Any],
    limit: int,
    marker: str | None,
    sort: tuple[str, str],
) -> list[Flavor]:
    """Flavors in order of one sort key, ties by id. BadRequest for an unknown marker or key."""
    key, direction = sort
    if key not in SORT_KEYS:
        raise errors.BadRequest(f"Invalid sort key: {key}")
    column = getattr(Flavor, key)
    query = sa.select(Flavor)
    for name in ("is_public", "disabled"):
        if name in filters:
            query = query.where(getattr(Flavor, name) == filters[name])
    if filters.get("name"):
        query = query.where(Flavor.name.contains(filters["name"], autoescape=True))
    if filters.get("min_ram_mb"):
        query = query.where(Flavor.memory_mb >= filters["min_ram_mb"])
    if filters.get("min_disk_gb"):
        query = query.where(Flavor.root_gb >= filters["min_disk_gb"])
    if marker is not None:
        last = db.scalar(sa.select(Flavor).where(Flavor.flavorid == marker))
        if last is None:
            raise errors.BadRequest(f"marker [{marker}] not found")
        at = sa.tuple_(column, Flavor.id)
        here = sa.tuple_(sa.literal(getattr(last, key)), sa.literal(last.id))
        query = query.where(at > here if direction == "asc" else at < here)
    order = (column, Flavor.id) if direction == "asc" else (column.desc(), Flavor.id.desc())
    return list(db.scalars(query.order_by(*order).limit(limit)))
