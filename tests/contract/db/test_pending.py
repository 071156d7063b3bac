"""Those that wait for room, in the books."""

from datetime import timedelta
from typing import Any

import pytest

from minicloud.db import hosts, instances, pending, placements
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.db.placements import Outcome
from minicloud.instance_states import Task
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    all_instances,
    instance,
    together,
)

LATER = NOW + timedelta(seconds=100)
ONE = Need(vcpus=1, memory_mb=1024, disk_gb=10, instances=1)


def _waits(**changes: Any) -> dict[str, Any]:
    begun = {"task_state": str(Task.PENDING), "deadline_at": LATER, "due_at": NOW}
    return instance(**{**begun, "pending_kind": "k", **changes})


def test_who_waits_is_found_and_nobody_else_is(database: Database) -> None:
    assert not database.read(pending.anyone)
    add_instances(database, [instance(), instance(task_state="spawning", host="h1")])
    add_instances(database, [_waits(deleted=7)])
    assert not database.read(pending.anyone)

    first, second = add_instances(database, [_waits(), _waits(project_id="p2", vcpus=3)])

    assert database.read(pending.anyone)
    found = database.read(pending.waiting)
    assert [row.uuid for row in found] == [first, second]
    assert found[1][2:] == ("p2", "r-1", "k", 3, 1024)


def test_one_without_a_kind_is_like_no_other(database: Database) -> None:
    uuids = add_instances(database, [_waits(pending_kind=None) for _ in range(2)])

    assert [row.kind for row in database.read(pending.waiting)] == uuids


def test_what_projects_use_is_summed_without_what_is_deleted(database: Database) -> None:
    rows = [_waits(), instance(vcpus=4), instance(deleted=9), instance(project_id="p2")]
    add_instances(database, rows)

    used = database.read(lambda db: pending.used(db, ["p1", "p3"]))

    assert used == {"p1": (5, 2048)}


def test_the_total_is_that_of_all_hosts_and_nothing_without_any(database: Database) -> None:
    assert database.read(pending.total) == (0, 0)
    add_host(database, "h1", vcpus=3, memory_mb=5)
    add_host(database, "h2", vcpus=4, memory_mb=6)

    assert database.read(pending.total) == (7, 11)


def _claim(database: Database) -> None:
    assert database.write(lambda db: hosts.claim(db, "h1", ONE, LATER))


def _give_back(database: Database) -> None:
    database.write(lambda db: hosts.give_back(db, "h1", ONE, LATER))


def _built(database: Database) -> None:
    database.write(lambda db: hosts.built(db, "h1", 1, LATER))


def _same_inventory(database: Database) -> None:
    add_host(database, "h1", now=LATER)


def _more_inventory(database: Database) -> None:
    add_host(database, "h1", vcpus=101, now=LATER)


def _found_wrong(database: Database) -> None:
    assert database.write(lambda db: hosts.audit(db, "h1", LATER))


@pytest.mark.parametrize(
    ("change", "marked"),
    [
        (_claim, False),
        (_built, False),
        (_same_inventory, False),
        (_give_back, True),
        (_more_inventory, True),
        (_found_wrong, True),
    ],
)
def test_a_host_is_marked_when_it_may_have_more_room_and_only_then(
    database: Database, change: Any, marked: bool
) -> None:
    add_host(database, "h1")
    database.write(lambda db: hosts.claim(db, "h1", ONE, NOW))

    change(database)

    freed = database.read(lambda db: pending.freed_since(db, LATER))
    assert [when for _id, when in freed] == ([LATER] if marked else [])


def test_a_new_host_is_marked(database: Database) -> None:
    add_host(database, "h1")

    assert len(database.read(lambda db: pending.freed_since(db, NOW))) == 1
    assert not database.read(lambda db: pending.freed_since(db, LATER))


def test_who_was_tried_falls_due_at_the_deadline(database: Database) -> None:
    waits, schedules = add_instances(database, [_waits(), instance()])
    before = {row.uuid: row.due_at for row in all_instances(database)}

    database.write(lambda db: pending.settle(db, [waits, schedules]))

    after = {row.uuid: row.due_at for row in all_instances(database)}
    assert after == {waits: LATER, schedules: before[schedules]}


def test_one_that_waits_is_placed_once_by_however_many(database: Database) -> None:
    add_host(database, "h1")
    (uuid,) = add_instances(database, [_waits()])

    def place(_number: int) -> Outcome:
        picks = [Pick(uuid, 1, "h1", "h1", None)]
        return database.write(lambda db: placements.record(db, picks, NOW))

    outcomes = together(8, place)

    assert sorted(len(outcome.placed) for outcome in outcomes) == [0] * 7 + [1]
    (row,) = all_instances(database)
    assert (row.task_state, row.host) == ("spawning", "h1")


def test_a_request_that_waits_is_found_as_a_whole(database: Database) -> None:
    uuids = add_instances(database, [_waits(), _waits(), instance(), _waits(reservation_id="r-2")])

    found = database.read(lambda db: instances.to_place_of(db, ["r-1"]))

    assert [one.row.uuid for one in found] == uuids[:3]
