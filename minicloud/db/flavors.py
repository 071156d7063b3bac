"""Rows of flavors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.engine import changed_one
from minicloud.db.expressions import matches, refused_expressions
from minicloud.db.models import Flavor, FlavorAccess

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
    | {"swap_mb", "rxtx_factor", "is_public", "disabled", "description"}
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


def get(db: Session, flavorid: str, project_id: str | None = None) -> Flavor:
    """FlavorNotFound when there is none of this id, or none that the project may use."""
    query = sa.select(Flavor).where(Flavor.flavorid == flavorid)
    if project_id is not None:
        query = query.where(sa.or_(Flavor.is_public, _accessible(project_id)))
    flavor = db.scalar(query)
    if flavor is None:
        raise errors.FlavorNotFound(flavorid)
    return flavor


def add(db: Session, facts: Mapping[str, Any], now: datetime) -> Flavor:
    """FlavorExists for an id or a name that is taken."""
    _check_free(db, facts)
    flavor = Flavor(**facts, extra_specs={}, disabled=False, created_at=now)
    try:
        with db.begin_nested():
            db.add(flavor)
            db.flush()
    except DBDuplicateEntry as error:
        _check_free(db, facts)
        raise errors.FlavorExists("ID", facts["flavorid"]) from error
    return flavor


def made_at(db: Session, flavorid: str, now: datetime) -> Flavor | None:
    """The flavor of this id, if it was made at that very moment."""
    return db.scalar(
        sa.select(Flavor).where(Flavor.flavorid == flavorid, Flavor.created_at == now)
    )


def _check_free(db: Session, facts: Mapping[str, Any]) -> None:
    for what, column in (("name", "name"), ("ID", "flavorid")):
        taken = sa.select(Flavor.id).where(getattr(Flavor, column) == facts[column])
        if db.scalar(taken) is not None:
            raise errors.FlavorExists(what, facts[column])


def describe(db: Session, flavorid: str, description: str | None) -> Flavor:
    """FlavorNotFound."""
    flavor = locked(db, flavorid)
    flavor.description = description
    db.flush()
    return flavor


def remove(db: Session, flavorid: str) -> None:
    """FlavorNotFound. Servers keep their copies."""
    db.delete(locked(db, flavorid))
    db.flush()


def set_specs(db: Session, flavorid: str, changes: Mapping[str, str]) -> None:
    """Merge extra specs in. FlavorNotFound."""
    flavor = locked(db, flavorid)
    flavor.extra_specs = {**flavor.extra_specs, **changes}
    db.flush()


def remove_spec(db: Session, flavorid: str, key: str) -> None:
    """FlavorNotFound, FlavorSpecNotFound."""
    flavor = locked(db, flavorid)
    if key not in flavor.extra_specs:
        raise errors.FlavorSpecNotFound(flavorid, key)
    flavor.extra_specs = {k: v for k, v in flavor.extra_specs.items() if k != key}
    db.flush()


def access(db: Session, flavor: Flavor) -> list[str]:
    """The projects that have access."""
    query = sa.select(FlavorAccess.project_id).where(FlavorAccess.flavor_id == flavor.id)
    return list(db.scalars(query.order_by(FlavorAccess.project_id)))


def add_access(db: Session, flavor: Flavor, project_id: str) -> None:
    """FlavorAccessExists. The flavor is locked."""
    if project_id in access(db, flavor):
        raise errors.FlavorAccessExists(flavor.flavorid, project_id)
    db.add(FlavorAccess(flavor_id=flavor.id, project_id=project_id))
    db.flush()


def remove_access(db: Session, flavor: Flavor, project_id: str) -> None:
    """FlavorAccessNotFound."""
    here = (FlavorAccess.flavor_id == flavor.id, FlavorAccess.project_id == project_id)
    if not changed_one(db, sa.delete(FlavorAccess).where(*here)):
        raise errors.FlavorAccessNotFound(flavor.flavorid, project_id)


def locked(db: Session, flavorid: str) -> Flavor:
    """The row, locked until the end of the transaction. FlavorNotFound."""
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
    project_id: str,
) -> list[Flavor]:
    """Flavors in order of one sort key, ties by id. BadRequest for an unknown marker or key."""
    column = _sort_column(sort[0])
    asc = sort[1] == "asc"
    query = sa.select(Flavor).where(*_conditions(filters, project_id))
    if marker is not None:
        at = sa.tuple_(column, Flavor.id)
        listed = {name: filters[name] for name in ("is_public",) if name in filters}
        marked = (Flavor.flavorid == marker, *_conditions(listed, project_id))
        here = db.execute(sa.select(column, Flavor.id).where(*marked)).first()
        if here is None:
            raise errors.BadRequest(f"marker [{marker}] not found")
        last = sa.tuple_(*(sa.literal(value) for value in here))
        query = query.where(at > last if asc else at < last)
    order = (column, Flavor.id) if asc else (column.desc(), Flavor.id.desc())
    with refused_expressions({"name": filters.get("name")}):
        return list(db.scalars(query.order_by(*order).limit(limit)))


def _sort_column(key: str) -> Any:
    if key not in SORT_KEYS:
        raise errors.BadRequest(f"Invalid sort key: {key}")
    column = getattr(Flavor, key)
    return sa.func.coalesce(column, "") if key == "description" else column


def _conditions(filters: Mapping[str, Any], project_id: str) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if "is_public" in filters:
        public = Flavor.is_public == filters["is_public"]
        found.append(sa.or_(public, _accessible(project_id)) if filters["is_public"] else public)
    if "disabled" in filters:
        found.append(Flavor.disabled == filters["disabled"])
    if filters.get("name"):
        found.append(matches(Flavor.name, filters["name"]))
    if "min_ram_mb" in filters:
        found.append(Flavor.memory_mb >= filters["min_ram_mb"])
    if "min_disk_gb" in filters:
        found.append(Flavor.root_gb >= filters["min_disk_gb"])
    return found


def _accessible(project_id: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        FlavorAccess.flavor_id == Flavor.id, FlavorAccess.project_id == project_id
    )
