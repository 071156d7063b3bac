"""Images: what is known of them; their bytes are the image service's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db import engine, rows
from minicloud.db.models import Image

SORTABLE: Final[Mapping[str, Any]] = {
    "created_at": Image.created_at,
    "updated_at": Image.updated_at,
    "id": Image.id,
    "name": sa.func.coalesce(Image.name, ""),
    "status": Image.status,
    "visibility": Image.visibility,
    "owner": Image.owner,
    "size": sa.func.coalesce(Image.size_bytes, -1),
    "disk_format": sa.func.coalesce(Image.disk_format, ""),
    "container_format": sa.func.coalesce(Image.container_format, ""),
    "min_disk": Image.min_disk_gb,
    "min_ram": Image.min_ram_mb,
}
# What an image's document says under these names; no property may bear one.
WORDS: Final = frozenset(
    {
        *("id", "name", "status", "visibility", "protected", "owner", "tags", "os_hidden"),
        *("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"),
        *("disk_format", "container_format", "min_disk", "min_ram", "created_at", "updated_at"),
        *("self", "file", "schema", "direct_url", "locations", "stores"),
    }
)
PROPERTY_NAME: Final = r"^[A-Za-z0-9_.: -]{1,255}\Z"  # such as a path into JSON can hold


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to before another; None: open at that end. Or all that is not `inside`."""

    column: str
    start: datetime | None
    end: datetime | None
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list: which images, in what order (key, descending), after which one."""

    equal: Mapping[str, Sequence[object]] = field(default_factory=dict)  # column -> one of these
    properties: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    spans: Sequence[Span] = ()
    hidden: bool = False
    size_min: int | None = None
    size_max: int | None = None
    order: Sequence[tuple[str, bool]] = (("created_at", True), ("id", True))
    marker: str | None = None
    limit: int = 1000


def get(db: Session, image_id: str, project_id: str | None, is_admin: bool) -> Image | None:
    """The image if this project may see it; None for another's as for one that is not there."""
    return db.scalar(
        sa.select(Image).where(Image.id == image_id, _visible(project_id, is_admin, True))
    )


def listed(db: Session, wanted: Wanted, project_id: str | None, is_admin: bool) -> list[Image]:
    """A page of what this project may see, in one select (two with a marker).

    Images that others offer to the community are listed only when asked for by visibility.
    """
    community = "community" in wanted.equal.get("visibility", ())
    asked = sa.select(Image).where(_visible(project_id, is_admin, community))
    asked = asked.where(Image.hidden.is_(wanted.hidden))
    for name, values in wanted.equal.items():
        asked = asked.where(getattr(Image, name).in_(values))
    for name, value in wanted.properties.items():
        asked = asked.where(Image.properties[name].as_string() == value)
    for tag in wanted.tags:
        asked = asked.where(_has_tag(db, tag))
    for span in wanted.spans:
        asked = asked.where(_within(span))
    if wanted.size_min is not None:
        asked = asked.where(Image.size_bytes >= wanted.size_min)
    if wanted.size_max is not None:
        asked = asked.where(Image.size_bytes <= wanted.size_max)
    if wanted.marker is not None:
        asked = asked.where(_after(db, wanted.order, wanted.marker))
    for name, descending in wanted.order:
        asked = asked.order_by(SORTABLE[name].desc() if descending else SORTABLE[name].asc())
    return list(db.scalars(asked.limit(wanted.limit)))


def insert(db: Session, image: Image) -> None:
    """Conflict when the id is taken."""
    rows.insert(db, image)


def is_queued(db: Session, image_id: str) -> bool:
    """Whether an image of this id waits for its bytes."""
    here = (Image.id == image_id, Image.status == "queued")
    return db.scalar(sa.select(Image.id).where(*here)) is not None


def is_there(db: Session, image: Image) -> bool:
    """Whether this very image has been inserted."""
    here = (Image.id == image.id, Image.created_at == image.created_at, Image.owner == image.owner)
    return db.scalar(sa.select(Image.id).where(*here)) is not None


def change(db: Session, seen: Image, values: Mapping[str, object], *, again: bool) -> None:
    """Write what was made of the image as it was `seen`; Conflict when someone came first.

    `again`: an earlier try may have been that someone. `values` have the new `updated_at`.
    """
    here = sa.update(Image).where(Image.id == seen.id, Image.updated_at == seen.updated_at)
    if engine.changed_one(db, here.values(dict(values))):
        return
    now = db.scalar(sa.select(Image.updated_at).where(Image.id == seen.id))
    if not (again and now == values["updated_at"]):
        raise errors.Conflict("The image was changed by someone else meanwhile.")


def activate(
    db: Session, image_id: str, size_bytes: int, checksum: str, hash_value: str, now: datetime
) -> bool:
    """Record the bytes of a queued image; False when it is not queued any more."""
    here = sa.update(Image).where(Image.id == image_id, Image.status == "queued")
    return engine.changed_one(
        db,
        here.values(
            status="active",
            size_bytes=size_bytes,
            checksum=checksum,
            os_hash_value=hash_value,
            updated_at=now,
        ),
    )


def forget(db: Session, image_id: str) -> None:
    """Take away an image that still waits for its bytes."""
    waiting = sa.delete(Image).where(Image.id == image_id, Image.status == "queued")
    engine.changed(db, waiting)


def rotate(db: Session, instance_uuid: str, backup_type: str, rotation: int) -> None:
    """Keep this many of the newest backups of an instance that are of one type."""
    of_it = (
        Image.properties["instance_uuid"].as_string() == instance_uuid,
        Image.properties["backup_type"].as_string() == backup_type,
        Image.status == "active",
        Image.protected.is_(False),
    )
    newest = sa.select(Image.id).where(*of_it).order_by(Image.created_at.desc(), Image.id)
    old = list(db.scalars(newest))[rotation:]
    if old:
        engine.changed(db, sa.delete(Image).where(Image.id.in_(old)))


def change_status(db: Session, image_id: str, old: str, new: str, now: datetime) -> bool:
    """False when its status is not `old`."""
    here = sa.update(Image).where(Image.id == image_id, Image.status == old)
    return engine.changed_one(db, here.values(status=new, updated_at=now))


def delete(db: Session, image_id: str) -> bool:
    """False when it is not there or is protected."""
    gone = sa.delete(Image).where(Image.id == image_id, Image.protected.is_(False))
    return engine.changed_one(db, gone)


def _visible(project_id: str | None, is_admin: bool, community: bool) -> sa.ColumnElement[bool]:
    if is_admin:
        return sa.true()
    open_to_all = ["public", "community"] if community else ["public"]
    return sa.or_(Image.visibility.in_(open_to_all), Image.owner == (project_id or ""))


def _within(span: Span) -> sa.ColumnElement[bool]:
    column = getattr(Image, span.column)
    found = sa.and_(
        sa.true() if span.start is None else column >= span.start,
        sa.true() if span.end is None else column < span.end,
    )
    return found if span.inside else sa.not_(found)


def _has_tag(db: Session, tag: str) -> sa.ColumnElement[bool]:
    """The column is a JSON list of texts; this finds one of them as it was written."""
    needle, dialect = json.dumps(tag), db.get_bind().dialect.name
    if dialect == "postgresql":
        return sa.func.strpos(sa.cast(Image.tags, sa.Text), needle) > 0
    text = sa.Text() if dialect == "sqlite" else sa.LargeBinary()  # MySQL's texts ignore case
    return sa.func.instr(sa.cast(Image.tags, text), needle) > 0


def _after(db: Session, order: Sequence[tuple[str, bool]], marker: str) -> Any:
    """What comes behind the marker in this order: beyond it in a key, equal in those before."""
    columns = [SORTABLE[name] for name, _descending in order]
    at = db.execute(sa.select(*columns).where(Image.id == marker)).first()
    behind: list[sa.ColumnElement[bool]] = []
    equal: list[sa.ColumnElement[bool]] = []
    for (_name, descending), column, value in zip(order, columns, at or (), strict=False):
        behind.append(sa.and_(*equal, column < value if descending else column > value))
        equal.append(column == value)
    return sa.or_(sa.false(), *behind)
