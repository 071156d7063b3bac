"""Pages of instances: closed sets of sort keys and filters, values always bound."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from oslo_db.exception import DBError
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db.models import Instance
from minicloud.db.tags import TagFilters

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


class Paging(Protocol):
    @property
    def limit(self) -> int: ...
    @property
    def marker(self) -> str | None: ...
    @property
    def sort(self) -> Sequence[tuple[str, str]]: ...


def page(db: Session, filters: Filters, paging: Paging) -> list[Instance]:
    """One page. BadRequest for an unknown marker, sort key or a name that is no expression."""
    if paging.limit == 0:
        return []
    query = sa.select(Instance).where(*_conditions(db, filters))
    order = _order(paging.sort)
    if paging.marker is not None:
        marked = [Instance.uuid == paging.marker]
        if filters.project_id is not None:
            marked.append(Instance.project_id == filters.project_id)
        last = db.scalar(sa.select(Instance).where(*marked))
        if last is None:
            raise errors.BadRequest(f"marker [{paging.marker}] not found")
        query = query.where(_after(order, last))
    try:
        return list(db.scalars(query.order_by(*_sorted_by(db, order)).limit(paging.limit)))
    except DBError as error:
        if filters.name is None:
            raise
        raise errors.BadRequest(f"Invalid filter name: {filters.name}") from error


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
    if filters.deleted is not None:
        found.append(Instance.deleted != 0 if filters.deleted else Instance.deleted == 0)
    if filters.vm_states is not None or filters.in_task:
        found.append(_of_states(filters))
    if filters.name:
        found.append(_named(db, filters.name))
    if filters.changes_since is not None:
        found.append(Instance.updated_at >= filters.changes_since)
    if filters.changes_before is not None:
        found.append(Instance.updated_at <= filters.changes_before)
    if filters.flavor_id is not None:
        found.append(Instance.flavor["flavorid"].as_string() == filters.flavor_id)
    if filters.locked is not None:
        locked = Instance.locked_by.is_not(None)
        found.append(locked if filters.locked else ~locked)
    found += filters.tags.conditions()
    found += [_equals(column, value) for column, value in filters.equal.items()]
    return found


def _of_states(filters: Filters) -> sa.ColumnElement[bool]:
    at_rest = Instance.vm_state.in_(sorted(filters.vm_states or ()))
    in_task = [
        sa.and_(Instance.vm_state == vm, Instance.task_state == task)
        for vm, task in sorted(filters.in_task)
    ]
    return sa.or_(at_rest, *in_task)


def _named(db: Session, expression: str) -> sa.ColumnElement[bool]:
    """As in Nova the database decides what an expression means; a plain word is searched for."""
    if not set(expression) & set("\\^$.|?*+()[]{}"):
        return Instance.display_name.contains(expression, autoescape=True)
    return Instance.display_name.regexp_match(expression)


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
