"""Rows of moves from host to host, and the room that each holds while it is open.

An open move belongs to its instance: whoever writes one has locked the instance's row.
"""

import uuid as uuids
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db.engine import changed
from minicloud.db.models import Instance, Migration, table_of

RESIZE, MIGRATION, LIVE, EVACUATION = "resize", "migration", "live-migration", "evacuation"
# Of a move that is over. An evacuation is "done" for its instance once that runs elsewhere, and
# "completed" when the host that it left has cleaned up.
OVER: Final = frozenset(
    {"confirmed", "reverted", "completed", "cancelled", "failed", "error", "done"}
)


def start(
    db: Session,
    row: Instance,
    kind: str,
    who: Mapping[str, str],
    now: datetime,
    new_flavor: Mapping[str, Any] | None = None,
) -> None:
    """Record that a move of the instance has been accepted."""
    values = {
        "uuid": str(uuids.uuid4()),
        "instance_uuid": row.uuid,
        "migration_type": kind,
        "status": "pre-migrating" if kind in (RESIZE, MIGRATION) else "accepted",
        "source_compute": row.host,
        "source_node": row.node,
        "old_flavor": row.flavor,
        "new_flavor": dict(new_flavor or row.flavor),
        "user_id": who["user_id"],
        "project_id": who["project_id"],
        "created_at": now,
        "updated_at": now,
    }
    db.execute(sa.insert(table_of(Migration)), [values])


def open_of(db: Session, instance_uuids: Iterable[str]) -> dict[str, Migration]:
    """uuid -> the move that is under way, of those of these instances that have one."""
    names = sorted(instance_uuids)
    if not names:
        return {}
    query = sa.select(Migration).where(
        Migration.instance_uuid.in_(names), Migration.status.not_in(OVER)
    )
    return {row.instance_uuid: row for row in db.scalars(query.order_by(Migration.id))}


def change(db: Session, changes: Sequence[tuple[int, Mapping[str, Any]]], now: datetime) -> None:
    """Write new facts of moves by their ids."""
    table = table_of(Migration)
    for move_id, facts in changes:
        values = {**facts, "updated_at": now}
        db.connection().execute(sa.update(table).where(table.c.id == move_id).values(values))


def evacuated_from(db: Session, hosts: Iterable[str]) -> list[tuple[int, str, str]]:
    """(id, host, instance) of the evacuations that these hosts may have to clean up after."""
    columns = (Migration.id, Migration.source_compute, Migration.instance_uuid)
    query = sa.select(*columns).where(
        Migration.source_compute.in_(sorted(hosts)),
        Migration.migration_type == EVACUATION,
        Migration.status == "done",
    )
    return [(row[0], row[1], row[2]) for row in db.execute(query)]


def complete_evacuations(db: Session, move_ids: Iterable[int], now: datetime) -> None:
    """The hosts that were left have cleaned up."""
    table = table_of(Migration)
    done = sa.update(table).where(table.c.id.in_(sorted(move_ids)), table.c.status == "done")
    changed(db, done.values(status="completed", updated_at=now))
