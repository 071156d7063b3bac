"""Rows of instances: intents, moves and what is due.

Every move is made on a locked row whose generation was compared, and raises it.

Whoever locks several rows in one transaction takes instances first (by id), then server groups (by
id), then hosts (by name).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from minicloud.db import tags
from minicloud.db.engine import changed_one
from minicloud.db.models import Instance, InstanceAction, Migration, table_of
from minicloud.instance_states import NEW, PLACES, TASKS, Task, VmState

TABLE = table_of(Instance)

# A row has some fifty columns, and each that is read costs the driver time: these are what the
# busiest queries need. Others are read when they are asked for, within the transaction only.
_MOVED = (
    Instance.uuid,
    Instance.generation,
    Instance.project_id,
    Instance.vm_state,
    Instance.task_state,
    Instance.power_state,
    Instance.due_at,
    Instance.deadline_at,
    Instance.launched_at,
    Instance.locked_by,
    Instance.action_id,
    Instance.updated_at,
    Instance.host,
    Instance.vcpus,
    Instance.memory_mb,
    Instance.disk_gb,
    Instance.retry,
    Instance.task_host,
    Instance.old_vm_state,
    Instance.shelved_image,
)
PLACED = (
    Instance.uuid,
    Instance.generation,
    Instance.project_id,
    Instance.user_id,
    Instance.reservation_id,
    Instance.launch_index,
    Instance.display_name,
    Instance.flavor,
    Instance.vcpus,
    Instance.memory_mb,
    Instance.key_name,
    Instance.meta,
    Instance.availability_zone,
    Instance.created_at,
    Instance.due_at,
    Instance.deadline_at,
    Instance.action_id,
    Instance.request,
    Instance.retry,
    Instance.host,
    Instance.vm_state,
    Instance.task_state,
)
_ASSIGNED = (
    Instance.uuid,
    Instance.generation,
    Instance.project_id,
    Instance.user_id,
    Instance.display_name,
    Instance.image_ref,
    Instance.flavor,
    Instance.meta,
    Instance.vm_state,
    Instance.task_state,
    Instance.task_host,
    Instance.old_vm_state,
    Instance.host,
)


def begin(
    task: Task, now: datetime, host: str | None = None, look_again_s: float | None = None
) -> dict[str, Any]:
    """The facts of a task that begins: failed at its deadline, looked at then or earlier.

    `host` has to do it; None for what a conductor does.
    """
    deadline = now + timedelta(seconds=TASKS[task].deadline_s)
    due = deadline if look_again_s is None else now + timedelta(seconds=look_again_s)
    return {
        "task_state": str(task),
        "task_host": host,
        "due_at": due,
        "deadline_at": deadline,
        "updated_at": now,
    }


def rest(vm_state: VmState | str, now: datetime, until: datetime | None = None) -> dict[str, Any]:
    """The facts of an instance with nothing under way; `until`: when the conductor looks again."""
    return {
        "vm_state": str(vm_state),
        "task_state": None,
        "task_host": None,
        "due_at": until,
        "deadline_at": None,
        "action_id": None,
        "updated_at": now,
    }


def gone(row_id: int, now: datetime) -> dict[str, Any]:
    """The facts of an instance that is deleted for good."""
    facts = rest(VmState.DELETED, now)
    return facts | {"deleted": row_id, "deleted_at": now, "terminated_at": now}


def insert(db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    db.execute(sa.insert(TABLE), [dict(row) for row in rows])


def describe(db: Session, uuid: str, facts: Mapping[str, Any]) -> bool:
    """Change what no task depends on (names, addresses): the generation stays."""
    here = (Instance.uuid == uuid, Instance.deleted == 0)
    return changed_one(db, sa.update(Instance).where(*here).values(**facts))


def rewrite(db: Session, changes: Sequence[tuple[Instance, Mapping[str, Any]]]) -> None:
    """Change rows that this transaction has locked; each goes to its next generation.

    Rows that set the same columns go to the server as one statement with many values.
    """
    deleted = [row.uuid for row, facts in changes if facts.get("deleted")]
    if deleted:
        tags.clear(db, deleted)
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, facts in changes:
        values = {f"v_{name}": value for name, value in facts.items()}
        values |= {"b_id": row.id, "v_generation": row.generation + 1}
        by_columns.setdefault(tuple(sorted(facts)), []).append(values)
    for columns, values_list in by_columns.items():
        wanted: dict[str, Any] = {
            name: sa.bindparam(f"v_{name}") for name in (*columns, "generation")
        }
        statement = sa.update(TABLE).where(TABLE.c.id == sa.bindparam("b_id")).values(wanted)
        db.connection().execute(statement, values_list)


def get(db: Session, uuid: str, *, deleted: bool = False) -> Instance | None:
    """One row by uuid; `deleted`: also when it is deleted."""
    query = sa.select(Instance).where(Instance.uuid == uuid)
    return db.scalar(query if deleted else query.where(Instance.deleted == 0))


def owner(db: Session, uuid: str) -> str | None:
    """The project of an instance, deleted or not."""
    return db.scalar(sa.select(Instance.project_id).where(Instance.uuid == uuid))


def actor(db: Session, uuid: str) -> str | None:
    """The host that has something to do for this instance."""
    query = sa.select(Instance.task_host).where(Instance.uuid == uuid, Instance.deleted == 0)
    return db.scalar(query)


def rows_of(db: Session, uuids: Iterable[str]) -> dict[str, Instance]:
    """uuid -> row, of those that are not deleted."""
    query = sa.select(Instance).where(Instance.uuid.in_(sorted(uuids)), Instance.deleted == 0)
    return {row.uuid: row for row in db.scalars(query)}


def created_by(db: Session, request_id: str) -> list[Instance]:
    """What a request to create servers has made."""
    query = (
        sa.select(Instance)
        .join(InstanceAction, InstanceAction.instance_uuid == Instance.uuid)
        .where(InstanceAction.request_id == request_id, InstanceAction.action == "create")
        .order_by(Instance.launch_index)
    )
    return list(db.scalars(query))


def reserved(db: Session, project_id: str, reservation_id: str) -> list[Instance]:
    """What one request to create servers has made, deleted ones too."""
    query = sa.select(Instance).where(
        Instance.reservation_id == reservation_id, Instance.project_id == project_id
    )
    return list(db.scalars(query.order_by(Instance.launch_index)))


def wishes(db: Session, row_id: int) -> tuple[str | None, Mapping[str, Any]]:
    """(user data, what the scheduler was asked): the columns that listings leave out."""
    query = sa.select(Instance.user_data, Instance.request).where(Instance.id == row_id)
    user_data, request = db.execute(query).one()
    return user_data, request


def lock(db: Session, uuids: Iterable[str], *more: Any) -> list[Instance]:
    """The rows of these uuids, with what was tried, locked until the end of the transaction.

    `more` are columns that are wanted besides the usual ones.
    """
    query = (
        sa.select(Instance)
        .where(Instance.uuid.in_(sorted(uuids)), Instance.deleted == 0)
        .options(load_only(*_MOVED, *more))
        .order_by(Instance.id)
    )
    return list(db.scalars(query.with_for_update()))


@dataclass(frozen=True)
class Working:
    """An instance and the action under way on it."""

    row: Instance
    request_id: str | None
    parameters: Mapping[str, Any] | None


def to_place(db: Session, uuids: Iterable[str]) -> list[Working]:
    """Those of these instances that still wait for a host, with all a scheduler must know."""
    found = _with_actions(PLACED).where(
        Instance.uuid.in_(sorted(uuids)), Instance.task_state.in_(PLACES), Instance.deleted == 0
    )
    return [Working(*row) for row in db.execute(found.order_by(Instance.id))]


def to_place_of(db: Session, reservations: Iterable[str]) -> list[Working]:
    """What waits for its first host of all that these requests made."""
    found = _with_actions(PLACED).where(
        Instance.reservation_id.in_(sorted(reservations)),
        Instance.task_state.in_(NEW),
        Instance.deleted == 0,
    )
    return [Working(*row) for row in db.execute(found.order_by(Instance.id))]


def _with_actions(columns: Sequence[Any]) -> sa.Select[Any]:
    return (
        sa.select(Instance, InstanceAction.request_id, InstanceAction.parameters)
        .outerjoin(InstanceAction, InstanceAction.id == Instance.action_id)
        .options(load_only(*columns))
    )


def any_due(db: Session, now: datetime) -> bool:
    return db.scalar(sa.select(Instance.id).where(Instance.due_at <= now).limit(1)) is not None


def take_due(db: Session, now: datetime, lease_s: float, limit: int) -> list[Instance]:
    """Rows that have fallen due, longest first; they fall due again after the lease.

    Rows that another conductor is taking at this moment are passed over.
    """
    rows = list(
        db.scalars(
            sa.select(Instance)
            .where(Instance.due_at <= now)
            .options(load_only(*_MOVED))
            .order_by(Instance.due_at, Instance.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    if rows:
        later = now + timedelta(seconds=lease_s)
        db.execute(
            sa.update(TABLE).where(TABLE.c.id.in_([r.id for r in rows])).values(due_at=later)
        )
    return rows


def late_with(db: Session, rows: Iterable[Instance], now: datetime) -> list[Instance]:
    """What was asked for together with these, waits for a host and is past its deadline too.

    Whoever places all of them holds some of these rows and waits for others: one of both is
    undone and begins again, so that they are placed or given up together.
    """
    ids = [row.id for row in rows if row.task_state in NEW]
    if not ids:
        return []
    theirs = sa.select(Instance.reservation_id).where(Instance.id.in_(ids)).distinct()
    query = (
        sa.select(Instance)
        .where(
            Instance.reservation_id.in_(list(db.scalars(theirs))),
            Instance.task_state.in_(NEW),
            Instance.deadline_at <= now,
            Instance.deleted == 0,
            Instance.id.not_in(ids),
        )
        .options(load_only(*_MOVED))
        .order_by(Instance.id)
    )
    return list(db.scalars(query.with_for_update()))


def on_hosts(db: Session, hosts: Sequence[str], *, in_task_only: bool) -> list[Working]:
    """What these hosts have to do, and (`in_task_only` False) what is at rest on them."""
    mine: sa.ColumnElement[bool] = Instance.task_host.in_(hosts)
    if not in_task_only:
        mine = sa.or_(mine, sa.and_(Instance.host.in_(hosts), Instance.task_state.is_(None)))
    found = _with_actions(_ASSIGNED).where(mine, Instance.deleted == 0)
    return [Working(*row) for row in db.execute(found)]


def in_task_on(db: Session, hosts: Sequence[str], limit: int) -> list[str]:
    """Instances in the middle of something that only one of these hosts can finish."""
    here = (Instance.task_host.in_(hosts), Instance.deleted == 0)
    return list(
        db.scalars(sa.select(Instance.uuid).where(*here).order_by(Instance.id).limit(limit))
    )


def whereabouts(db: Session, uuids: Iterable[str]) -> dict[str, set[str]]:
    """uuid -> the hosts that may have it, of every row there is; none for a deleted one.

    Those are its own, the one that acts, and the one that a move holds. All are read by one
    statement: a moment later the first and the last may have changed places.
    """
    columns = (
        Instance.uuid,
        Instance.deleted,
        Instance.host,
        Instance.task_host,
        Migration.held_host,
    )
    holds = (Migration.instance_uuid == Instance.uuid, Migration.held_host.is_not(None))
    query = sa.select(*columns).outerjoin(Migration, sa.and_(*holds))
    found: dict[str, set[str]] = {}
    for uuid, deleted, *hosts in db.execute(query.where(Instance.uuid.in_(sorted(uuids)))):
        found.setdefault(uuid, set()).update(h for h in hosts if h and not deleted)
    return found
