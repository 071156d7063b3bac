"""Pages of migrations, each with the address of the host that it goes to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.models import ComputeNode, Migration

LIVE: Final = "live-migration"
UNDER_WAY: Final = ("queued", "preparing", "running", "post-migrating")
Moves = list[tuple[Migration, str | None]]


class Filters(Protocol):
    """What a listing is narrowed to: zones/migrations.py MigrationFilters."""

    @property
    def host(self) -> str | None: ...
    @property
    def equal(self) -> Mapping[str, str]: ...
    @property
    def changes_since(self) -> datetime | None: ...
    @property
    def changes_before(self) -> datetime | None: ...


def page(db: Session, filters: Filters, limit: int, marker: str | None) -> Moves:
    """Newest first. BadRequest for a marker (a uuid) that is not there, or another project's."""
    query = _moves().where(*_conditions(filters))
    if marker is not None:
        marked = [Migration.uuid == marker]
        if "project_id" in filters.equal:
            marked.append(Migration.project_id == filters.equal["project_id"])
        last = db.scalar(sa.select(Migration).where(*marked))
        if last is None:
            raise errors.BadRequest(f"Marker {marker} could not be found.")
        earlier = sa.and_(Migration.created_at == last.created_at, Migration.id < last.id)
        query = query.where(sa.or_(Migration.created_at < last.created_at, earlier))
    newest = (Migration.created_at.desc(), Migration.id.desc())
    return _found(db, query.order_by(*newest).limit(limit))


def of_server(db: Session, instance_uuid: str) -> Moves:
    """Its live migrations that are under way."""
    query = _moves().where(
        Migration.instance_uuid == instance_uuid,
        Migration.migration_type == LIVE,
        Migration.status.in_(UNDER_WAY),
    )
    return _found(db, query.order_by(Migration.id))


def one(db: Session, instance_uuid: str, ref: int) -> tuple[Migration, str | None] | None:
    query = _moves().where(Migration.instance_uuid == instance_uuid, Migration.id == ref)
    return next(iter(_found(db, query)), None)


def _moves() -> Any:
    return sa.select(Migration, ComputeNode.host_ip).outerjoin(
        ComputeNode, ComputeNode.host == Migration.dest_compute
    )


def _found(db: Session, query: Any) -> Moves:
    return [(row, address) for row, address in db.execute(query)]


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found = [getattr(Migration, column) == value for column, value in filters.equal.items()]
    if filters.host is not None:
        here = (Migration.source_compute == filters.host, Migration.dest_compute == filters.host)
        found.append(sa.or_(*here))
    if filters.changes_since is not None:
        found.append(Migration.updated_at >= filters.changes_since)
    if filters.changes_before is not None:
        found.append(Migration.updated_at <= filters.changes_before)
    return found
