"""Pages of instances: closed sets of sort keys and filters, values always bound."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db import addresses, tags
from minicloud.db.engine import from_json
from minicloud.db.expressions import matches, refused_expressions
from minicloud.db.models import Instance, table_of
from minicloud.db.tags import TagFilters
from minicloud.instance_states import Task, VmState, status

SORT_KEYS = frozenset(
    {
        "access_ip_v4",
        "access_ip_v6",
        "availability_zone",
        "config_drive",
        "created_at",
        "display_description",
        "display_name",
        "host",
        "hostname",
        "image_ref",
        "key_name",
        "launch_index",
        "launched_at",
        "locked_by",
        "node",
        "power_state",
        "project_id",
        "task_state",
        "terminated_at",
        "updated_at",
        "user_id",
        "uuid",
        "vm_state",
    }
)


@dataclass(frozen=True)
class InZone:
    """Servers on hosts of a zone, and those without a host that were asked into it."""

    name: str
    hosts: frozenset[str]
    but: frozenset[str] | None  # every host except these; None: `hosts` only

    def condition(self) -> sa.ColumnElement[bool]:
        there = Instance.host.in_(sorted(self.hosts))
        if self.but is not None:
            there = Instance.host.not_in(sorted(self.but))
        waiting = sa.and_(Instance.host.is_(None), Instance.availability_zone == self.name)
        return sa.or_(sa.and_(Instance.host.is_not(None), there), waiting)


class Filters(Protocol):
    """What a listing is narrowed to: zones/base.py ServerFilters."""

    @property
    def project_id(self) -> str | None: ...
    @property
    def deleted(self) -> bool | None: ...
    @property
    def vm_states(self) -> frozenset[str] | None: ...
    @property
    def in_task(self) -> frozenset[tuple[str, str]]: ...
    @property
    def name(self) -> str | None: ...
    @property
    def changes_since(self) -> datetime | None: ...
    @property
    def changes_before(self) -> datetime | None: ...
    @property
    def equal(self) -> Mapping[str, Any]: ...
    @property
    def flavor_id(self) -> str | None: ...
    @property
    def locked(self) -> bool | None: ...
    @property
    def tags(self) -> TagFilters: ...
    @property
    def soft_deleted(self) -> bool | None: ...
    @property
    def progress(self) -> int | None: ...
    @property
    def ip(self) -> str | None: ...
    @property
    def ip6(self) -> str | None: ...
    @property
    def zone(self) -> InZone | None: ...


class Paging(Protocol):
    @property
    def limit(self) -> int: ...
    @property
    def marker(self) -> str | None: ...
    @property
    def sort(self) -> Sequence[tuple[str, str]]: ...


_TABLE: Final = table_of(Instance)
_NEVER_SHOWN: Final = frozenset(
    {
        *("generation", "due_at", "deadline_at", "action_id", "task_host", "old_vm_state"),
        *("vcpus", "memory_mb", "disk_gb", "launched_on", "shelved_image", "deleted_at"),
        *("retry", "user_data"),
    }
)
_BRIEF: Final = (_TABLE.c.id, _TABLE.c.uuid, _TABLE.c.display_name)


class _Document(sa.types.UserDefinedType[Any]):
    """JSON as it is read here: the usual type goes through three more functions for each value."""

    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return None if dialect.name == "postgresql" else from_json  # which psycopg has called


def _read(name: str) -> Any:
    column = _TABLE.c[name]
    is_document = isinstance(column.type, sa.JSON)
    return sa.type_coerce(column, _Document()).label(name) if is_document else column


_SHOWN: Final = (
    *(_read(one.key) for one in sa.inspect(Instance).column_attrs if one.key not in _NEVER_SHOWN),
    tags.joined(_TABLE).label("tags"),
)


def _form(columns: Sequence[Any]) -> Any:
    """A class for rows: named tuples are made and read much faster than anything else."""
    names = [column.key for column in columns]
    return namedtuple("Listed", names)


_WHOLE: Final = (*_SHOWN, _TABLE.c.user_data)  # for administrators, and it may be long
_FORMS: Final = {columns: _form(columns) for columns in (_BRIEF, _SHOWN, _WHOLE)}


def page(
    db: Session,
    filters: Filters,
    paging: Paging,
    *,
    detail: bool = False,
    user_data: bool = False,
) -> list[Instance]:
    """One page. BadRequest for an unknown marker, sort key or what is no expression.

    The rows are read-only and made without the ORM, to which half of the time would go. They
    bear ids and names; `detail`: all that can be shown, under its names of Instance.
    """
    if paging.limit == 0:
        return []
    columns = (_WHOLE if user_data else _SHOWN) if detail else _BRIEF
    query = sa.select(*columns).where(*_conditions(db, filters))
    order = _order(paging.sort)
    if paging.marker is not None:
        query = query.where(_after(order, _marked(db, filters, paging.marker)))
    asked = {"name": filters.name, "ip": filters.ip, "ip6": filters.ip6}
    with refused_expressions(asked):
        query = query.order_by(*_sorted_by(db, order)).limit(paging.limit)
        form = _FORMS[columns]
        return [form._make(row) for row in db.execute(query).all()]


def tags_of(row: Any) -> list[str]:
    """Of a row of a page that was asked for in detail."""
    return tags.told(row.tags)


def _marked(db: Session, filters: Filters, marker: str) -> Instance:
    """The row of the marker: one that the list could hold."""
    marked = [Instance.uuid == marker]
    if filters.project_id is not None:
        marked.append(Instance.project_id == filters.project_id)
    if filters.deleted is False:
        marked.append(Instance.deleted == 0)
    last = db.scalar(sa.select(Instance).where(*marked))
    if last is None:
        raise errors.BadRequest(f"marker [{marker}] not found")
    return last


def _sorted_by(db: Session, order: "_Order") -> list[Any]:
    """NULL is the smallest value everywhere; PostgreSQL has to be told."""
    if db.get_bind().dialect.name != "postgresql":
        return [column.desc() if down else column.asc() for column, down in order]
    return [_told(column, down) for column, down in order]


def _told(column: Any, down: bool) -> Any:
    ordered = column.desc() if down else column.asc()
    if not column.nullable:
        return ordered
    return ordered.nulls_last() if down else ordered.nulls_first()


def _conditions(db: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.project_id is not None:
        found.append(Instance.project_id == filters.project_id)
    found += _of_life(filters)
    if filters.vm_states is not None or filters.in_task:
        found.append(_of_states(filters))
    if filters.name:
        found.append(matches(Instance.display_name, filters.name))
    if filters.changes_since is not None:
        found.append(Instance.updated_at >= filters.changes_since)
    if filters.changes_before is not None:
        found.append(Instance.updated_at <= filters.changes_before)
    if filters.flavor_id is not None:
        found.append(Instance.flavor["flavorid"].as_string() == filters.flavor_id)
    if filters.locked is not None:
        locked = Instance.locked_by.is_not(None)
        found.append(locked if filters.locked else ~locked)
    found += filters.tags.conditions(of_few=filters.project_id is not None)
    if filters.progress is not None:
        found.append(_in_progress(filters.progress))
    if filters.ip:
        found.append(addresses.matching(db, filters.ip, 4))
    if filters.ip6:
        found.append(addresses.matching(db, filters.ip6, 6))
    if filters.zone is not None:
        found.append(filters.zone.condition())
    found += [_equals(column, value) for column, value in filters.equal.items()]
    return found


def _of_life(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Deleted for good, softly, or not at all: a list says nothing of the soft ones by itself."""
    soft = Instance.vm_state == VmState.SOFT_DELETED
    if filters.deleted is None:
        return []
    if filters.deleted:
        gone = Instance.deleted != 0
        return [gone if filters.soft_deleted is False else sa.or_(gone, soft)]
    named = VmState.SOFT_DELETED in (
        *(filters.vm_states or ()),
        filters.equal.get("vm_state"),
    )
    there = [Instance.deleted == 0]
    return there if named or filters.soft_deleted else [*there, ~soft]


def _in_progress(percent: int) -> sa.ColumnElement[bool]:
    """What a server shows: 100 when it is ACTIVE, and else 0."""
    otherwise = [str(task) for task in Task if status(VmState.ACTIVE, task) != "ACTIVE"]
    is_active = sa.and_(
        Instance.vm_state == VmState.ACTIVE,
        sa.or_(Instance.task_state.is_(None), Instance.task_state.not_in(otherwise)),
    )
    return {100: is_active, 0: ~is_active}.get(percent, sa.false())


def _of_states(filters: Filters) -> sa.ColumnElement[bool]:
    at_rest = Instance.vm_state.in_(sorted(filters.vm_states or ()))
    in_task = [
        sa.and_(Instance.vm_state == vm, Instance.task_state == task)
        for vm, task in sorted(filters.in_task)
    ]
    return sa.or_(at_rest, *in_task)


def _equals(column: str, value: Any) -> sa.ColumnElement[bool]:
    attribute = getattr(Instance, column)
    if isinstance(value, list | tuple | set | frozenset):
        return attribute.in_(sorted(value))  # type: ignore[no-any-return]
    return attribute == value  # type: ignore[no-any-return]


_Order = Sequence[tuple[Any, bool]]  # (column, descending)


def _order(sort: Sequence[tuple[str, str]]) -> _Order:
    """The asked columns, and a unique one at the end so that pages never overlap."""
    unknown = [key for key, _direction in sort if key not in SORT_KEYS]
    if unknown:
        raise errors.BadRequest(f"Sort key {unknown[0]} is not allowed")
    order = [(getattr(Instance, key), direction == "desc") for key, direction in sort]
    return [*order, (Instance.id, order[-1][1] if order else True)]


def _after(order: _Order, last: Instance) -> sa.ColumnElement[bool]:
    """Rows that come behind `last`; NULL sorts first going up and last going down."""
    alternatives = []
    equal_so_far: list[sa.ColumnElement[bool]] = []
    for column, down in order:
        value = getattr(last, column.key)
        if value is None:
            beyond = sa.false() if down else column.is_not(None)
            equal = column.is_(None)
        else:
            smaller = (
                sa.or_(column < value, column.is_(None)) if column.nullable else column < value
            )
            beyond = smaller if down else column > value
            equal = column == value
        alternatives.append(sa.and_(*equal_so_far, beyond))
        equal_so_far.append(equal)
    return sa.or_(*alternatives)
