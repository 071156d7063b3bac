"""Aggregates as the schedulers read them: all of them, and only when one has changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from minicloud.db import aggregates
from minicloud.db.engine import Database
from minicloud.db.models import Aggregate
from tests.contract.db.rows import NOW, add_host

_LATER = NOW + timedelta(seconds=1)


def _delete(db: Session, row: Aggregate) -> None:
    aggregates.remove_host(db, row, "h1", _LATER)
    aggregates.remove(db, row)


_CHANGES: dict[str, Callable[[Session, Aggregate], object]] = {
    "made": lambda db, _row: aggregates.add(db, "second", {}, _LATER),
    "renamed": lambda db, row: aggregates.rename(db, row, "other", _LATER),
    "metadata": lambda db, row: aggregates.set_meta(db, row, {"ssd": "true"}, _LATER),
    "host added": lambda db, row: aggregates.add_host(db, row, "h2", _LATER),
    "host removed": lambda db, row: aggregates.remove_host(db, row, "h1", _LATER),
    "host gone": lambda db, _row: aggregates.forget_host(db, "h1", _LATER),
    "deleted": _delete,
}


@pytest.fixture
def aggregate(database: Database) -> int:
    for host in ("h1", "h2"):
        add_host(database, host)

    def make(db: Session) -> int:
        row = aggregates.add(db, "first", {"availability_zone": "east"}, NOW)
        aggregates.add_host(db, row, "h1", NOW)
        return row.id

    return database.write(make)


def _read(database: Database, known: aggregates.Marks | None) -> aggregates.Groups | None:
    return database.read(lambda db: aggregates.changed_groups(db, known))


def test_what_has_not_changed_is_not_read_again(database: Database, aggregate: int) -> None:
    first = _read(database, None)
    assert first is not None

    assert first.metadata == {aggregate: {"availability_zone": "east"}}
    assert first.of_hosts == {"h1": [aggregate]}
    assert _read(database, first.marks) is None


@pytest.mark.parametrize("change", _CHANGES)
def test_every_change_is_noticed(database: Database, aggregate: int, change: str) -> None:
    first = _read(database, None)
    assert first is not None

    database.write(lambda db: _CHANGES[change](db, aggregates.locked(db, aggregate)))

    assert _read(database, first.marks) is not None
