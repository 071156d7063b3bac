"""Rows of instance actions, their events, and faults: what was asked, step by step."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from minicloud import errors
from minicloud.db.expressions import without
from minicloud.db.models import InstanceAction, InstanceEvent, InstanceFault, table_of


class Wanted(Protocol):
    """Which part of a log is asked for: zones/base.py ActionFilters."""

    @property
    def limit(self) -> int: ...
    @property
    def marker(self) -> str | None: ...
    @property
    def changes_since(self) -> datetime | None: ...
    @property
    def changes_before(self) -> datetime | None: ...


SUCCESS, ERROR = "Success", "Error"
SECRET = "password_hash"  # of the parameters: what a guest is told, and nobody needs afterwards


def start(
    db: Session,
    instance_uuids: Sequence[str],
    action: str,
    who: Mapping[str, str],
    now: datetime,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Record an accepted request on each instance: uuid -> id of its action.

    `who` has request_id, user_id and project_id.
    """
    common = {
        "action": action,
        **who,
        "parameters": parameters,
        "start_time": now,
        "updated_at": now,
    }
    rows = [{"instance_uuid": uuid, **common} for uuid in instance_uuids]
    statement = sa.insert(InstanceAction).returning(
        InstanceAction.instance_uuid, InstanceAction.id
    )
    return {row[0]: row[1] for row in db.execute(statement, rows)}


def finish(
    db: Session, action_ids: Iterable[int], result: str, now: datetime, message: str | None = None
) -> None:
    """End actions and whatever event of theirs is still open, and forget the secret of each."""
    ids = sorted(action_ids)
    if not ids:
        return
    end_events(db, ids, result, now, message)
    values: dict[str, Any] = {"finish_time": now, "updated_at": now, "result": result}
    kept = without(db, InstanceAction.parameters, SECRET)
    values |= {"message": message, "parameters": kept}
    db.connection().execute(
        sa.update(table_of(InstanceAction)).where(InstanceAction.id.in_(ids)).values(values)
    )


def decide(db: Session, made: Iterable[tuple[int, Mapping[str, Any] | None]]) -> None:
    """Keep with actions, by id, why they got no host; None: they got one after all."""
    for action_id, decision in made:
        db.connection().execute(
            sa.update(table_of(InstanceAction))
            .where(InstanceAction.id == action_id)
            .values(decision=sa.null() if decision is None else decision)
        )


def decisions(db: Session, action_ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """id -> why it got no host, of those of these actions of which that is known."""
    query = sa.select(InstanceAction.id, InstanceAction.decision)
    found = db.execute(query.where(InstanceAction.id.in_(sorted(action_ids))))
    return {row[0]: row[1] for row in found if row[1]}


def decision(db: Session, action_id: int) -> Mapping[str, Any] | None:
    return db.scalar(sa.select(InstanceAction.decision).where(InstanceAction.id == action_id))


def last_of(db: Session, uuid: str, names: Iterable[str]) -> InstanceAction | None:
    """The newest action that bears one of these names, with its decision."""
    here = (InstanceAction.instance_uuid == uuid, InstanceAction.action.in_(sorted(names)))
    newest = (InstanceAction.start_time.desc(), InstanceAction.id.desc())
    query = sa.select(InstanceAction).where(*here).order_by(*newest).limit(1)
    return db.scalar(query.options(undefer(InstanceAction.decision)))


def end_events(
    db: Session, action_ids: Iterable[int], result: str, now: datetime, details: str | None = None
) -> None:
    """End the events of these actions that are still open."""
    open_events = (
        InstanceEvent.action_id.in_(sorted(action_ids)),
        InstanceEvent.finish_time.is_(None),
    )
    values: dict[str, Any] = {"finish_time": now, "result": result}
    if result == ERROR:
        values["details"] = details
    db.connection().execute(sa.update(table_of(InstanceEvent)).where(*open_events).values(values))


def event(action_id: int, name: str, start: datetime, host: str | None = None) -> dict[str, Any]:
    """The row of a step that begins."""
    return {
        "action_id": action_id,
        "event": name,
        "start_time": start,
        "finish_time": None,
        "result": None,
        "host": host,
    }


def add_events(db: Session, events: Sequence[Mapping[str, Any]]) -> None:
    """Rows with action_id, event, start_time, host and, when ended, finish_time and result."""
    if events:
        db.execute(sa.insert(table_of(InstanceEvent)), [dict(event) for event in events])


def parameters_of(db: Session, action_ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """id -> what was asked for, of those of these actions that have parameters."""
    ids = sorted(action_ids)
    if not ids:
        return {}
    query = sa.select(InstanceAction.id, InstanceAction.parameters)
    found = db.execute(query.where(InstanceAction.id.in_(ids)))
    return {row[0]: row[1] for row in found if row[1]}


def fault(
    db: Session,
    instance_uuid: str,
    message: str,
    now: datetime,
    *,
    code: int = 500,
    machine_code: str = "ERROR",
    details: Mapping[str, Any] | None = None,
    host: str | None = None,
    action_id: int | None = None,
) -> None:
    db.execute(
        sa.insert(InstanceFault),
        [
            {
                "instance_uuid": instance_uuid,
                "code": code,
                "machine_code": machine_code,
                "message": message,
                "details": details,
                "host": host,
                "action_id": action_id,
                "created_at": now,
            }
        ],
    )


def latest_faults(db: Session, instance_uuids: Iterable[str]) -> dict[str, InstanceFault]:
    """uuid -> the newest fault, of those that have any."""
    newest = (
        sa.select(sa.func.max(InstanceFault.id))
        .where(InstanceFault.instance_uuid.in_(sorted(instance_uuids)))
        .group_by(InstanceFault.instance_uuid)
    )
    faults = db.scalars(sa.select(InstanceFault).where(InstanceFault.id.in_(newest)))
    return {fault.instance_uuid: fault for fault in faults}


def of_instance(db: Session, uuid: str, wanted: Wanted) -> list[InstanceAction]:
    """A page, newest first. BadRequest for a marker that the list does not hold."""
    here = [InstanceAction.instance_uuid == uuid]
    if wanted.changes_since is not None:
        here.append(InstanceAction.updated_at >= wanted.changes_since)
    if wanted.changes_before is not None:
        here.append(InstanceAction.updated_at <= wanted.changes_before)
    newest = (InstanceAction.start_time.desc(), InstanceAction.id.desc())
    query = sa.select(InstanceAction).where(*here).order_by(*newest)
    if wanted.marker is not None:
        last = db.scalar(query.where(InstanceAction.request_id == wanted.marker).limit(1))
        if last is None:
            raise errors.BadRequest(f"Marker {wanted.marker} could not be found.")
        place = sa.tuple_(InstanceAction.start_time, InstanceAction.id)
        query = query.where(place < sa.tuple_(*map(sa.literal, (last.start_time, last.id))))
    return list(db.scalars(query.limit(wanted.limit)))


def one(
    db: Session, uuid: str, request_id: str
) -> tuple[InstanceAction, list[InstanceEvent]] | None:
    key = (InstanceAction.instance_uuid == uuid, InstanceAction.request_id == request_id)
    action = db.scalar(
        sa.select(InstanceAction).where(*key).order_by(InstanceAction.id.desc()).limit(1)
    )
    if action is None:
        return None
    query = sa.select(InstanceEvent).where(InstanceEvent.action_id == action.id)
    return action, list(db.scalars(query.order_by(InstanceEvent.id.desc())))
