"""Pages of migrations: together they are the whole list, newest first."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from minicloud.db import moves
from minicloud.db.engine import Database
from minicloud.db.models import Migration
from minicloud.zones.migrations import MigrationFilters
from tests.contract.db.rows import NOW, add_host


def _add(database: Database, number: int) -> None:
    row: dict[str, Any] = {
        "uuid": str(UUID(int=number)),
        "instance_uuid": str(UUID(int=number % 3)),
        "migration_type": "live-migration" if number % 2 else "resize",
        "status": "running",
        "source_compute": "node1",
        "source_node": "node1",
        "dest_compute": "node2" if number % 4 else None,
        "old_flavor": {},
        "new_flavor": {},
        "user_id": "alice",
        "project_id": "p1",
        "created_at": NOW + timedelta(microseconds=number // 3),
        "updated_at": NOW,
    }
    database.write(lambda db: db.execute(sa.insert(Migration), [row]))


def test_pages_never_overlap_and_miss_nothing(database: Database) -> None:
    add_host(database, "node2")
    for number in range(11):
        _add(database, number)
    found: list[str] = []

    def page() -> moves.Moves:
        marker = found[-1] if found else None
        return database.read(lambda db: moves.page(db, MigrationFilters(), 4, marker))

    while rows := page():
        found += [row.uuid for row, _address in rows]
        assert all((address is None) == (row.dest_compute is None) for row, address in rows)

    assert found == [str(UUID(int=number)) for number in reversed(range(11))]


def test_a_server_is_told_its_live_migrations(database: Database) -> None:
    for number in range(6):
        _add(database, number)

    found = database.read(lambda db: moves.of_server(db, str(UUID(int=0))))

    assert [row.uuid for row, _address in found] == [str(UUID(int=3))]
