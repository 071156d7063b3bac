"""Work that falls due is handed to one conductor, and again to another after the lease."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import instances
from minicloud.db.engine import Database
from minicloud.instance_states import Task
from tests.contract.db.rows import NOW, add_instances, all_instances, instance, together

LEASE_S = 8.0


def _take(database: Database, limit: int = 5, later_s: float = 0.0) -> list[str]:
    now = NOW + timedelta(seconds=later_s)
    return database.write(
        lambda db: [row.uuid for row in instances.take_due(db, now, LEASE_S, limit)]
    )


def test_each_due_row_is_handed_to_one_of_many_conductors(database: Database) -> None:
    uuids = add_instances(database, [instance(due_at=NOW) for _ in range(40)])

    def conductor(_number: int) -> list[str]:
        taken: list[str] = []
        for _again in range(10):
            taken += _take(database)
        return taken

    taken = [uuid for found in together(6, conductor) for uuid in found]

    assert sorted(taken) == sorted(uuids)


def test_what_was_taken_falls_due_again_after_the_lease(database: Database) -> None:
    uuids = add_instances(database, [instance(due_at=NOW)])
    _take(database)

    assert _take(database, later_s=LEASE_S - 0.1) == []
    assert _take(database, later_s=LEASE_S) == uuids


def test_what_is_not_due_is_left_alone(database: Database) -> None:
    add_instances(database, [instance(due_at=NOW + timedelta(seconds=1)), instance(due_at=None)])

    assert not database.read(lambda db: instances.any_due(db, NOW))
    assert _take(database) == []


def test_what_is_due_longest_comes_first(database: Database) -> None:
    rows = [instance(due_at=NOW - timedelta(seconds=age)) for age in (1, 3, 2)]
    first, second, third = add_instances(database, rows)

    assert _take(database, limit=1) == [second]
    assert _take(database, limit=5) == [third, first]


def _moved(db: Session, uuid: str, generation: int, facts: Mapping[str, Any]) -> bool:
    """As every move is made: on the locked row, if it is still at the generation."""
    rows = [row for row in instances.lock(db, [uuid]) if row.generation == generation]
    instances.rewrite(db, [(row, facts) for row in rows])
    return bool(rows)


def test_of_many_moves_from_one_generation_one_succeeds(database: Database) -> None:
    (uuid,) = add_instances(database, [instance()])
    facts = instances.begin(Task.SPAWNING, NOW)

    won = together(8, lambda _n: database.write(lambda db: _moved(db, uuid, 1, facts)))

    assert won.count(True) == 1
    assert all_instances(database)[0].generation == 2


def test_a_deleted_row_moves_no_more(database: Database) -> None:
    (uuid,) = add_instances(database, [instance(deleted=1)])

    assert not database.write(lambda db: _moved(db, uuid, 1, {"power_state": 4}))


def test_rows_are_rewritten_each_with_its_own_facts(database: Database) -> None:
    uuids = add_instances(database, [instance() for _ in range(3)])

    def work(db: Session) -> None:
        rows = instances.lock(db, uuids)
        instances.rewrite(
            db,
            [(rows[0], {"host": "h1"}), (rows[1], {"host": "h2"}), (rows[2], {"node": "n"})],
        )

    database.write(work)

    rows = all_instances(database)
    assert [(r.host, r.node, r.generation) for r in rows] == [
        ("h1", None, 2),
        ("h2", None, 2),
        (None, "n", 2),
    ]
