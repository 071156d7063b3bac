"""Claims: never more than there is, by however many at once."""

from minicloud.db import hosts, placements
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.hosts import Limits, Need
from minicloud.db.placements import Outcome
from minicloud.instance_states import Task
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    all_instances,
    claimed,
    counted,
    instance,
    node,
    together,
)

ONE = Need(vcpus=1, memory_mb=1024, disk_gb=10, instances=1, building=1)
ONE_EACH = {"vcpus": 1, "memory_mb": 1024, "disk_gb": 10}


def test_of_many_claims_at_once_as_many_win_as_there_is_room_for(database: Database) -> None:
    add_host(database, "h1", memory_mb=7 * 1024)

    won = together(20, lambda _n: database.write(lambda db: hosts.claim(db, "h1", ONE, NOW)))

    assert won.count(True) == 7
    assert claimed(database, "h1") == Need(7, 7 * 1024, 70, 7, 7)


def test_each_resource_can_be_the_one_that_is_missing(database: Database) -> None:
    add_host(database, "cpu", vcpus=1)
    add_host(database, "ram", memory_mb=2047)
    add_host(database, "disk", disk_gb=19)
    two = ONE + ONE

    fits = {
        host: database.write(lambda db, host=host: hosts.claim(db, host, two, NOW))  # type: ignore[misc]
        for host in ("cpu", "ram", "disk")
    }

    assert fits == {"cpu": False, "ram": False, "disk": False}


def test_a_claim_fills_a_host_as_far_as_its_limits_say_and_no_further(database: Database) -> None:
    add_host(database, "h1", vcpus=1, memory_mb=1024, disk_gb=10)
    wider = {"vcpus": 2, "memory_mb": 2048, "disk_gb": 20}

    def take(**limits: int) -> bool:
        return database.write(lambda db: hosts.claim(db, "h1", ONE, NOW, Limits(**limits)))

    assert not any(take(**{name: limit - 1}) for name, limit in ONE_EACH.items())
    assert not take(num_instances=0)
    assert take(num_instances=1)
    assert not any(take(**{**wider, name: wider[name] - 1}) for name in wider)
    assert not take(**wider, num_instances=1)
    assert take(**wider, num_instances=2)
    assert claimed(database, "h1") == ONE + ONE


def test_picks_with_limits_of_their_own_are_judged_each_by_its_own(database: Database) -> None:
    add_host(database, "h1", vcpus=2)
    uuids = add_instances(database, [instance() for _ in range(4)])
    limits = [Limits(), Limits(num_instances=1), Limits(vcpus=1), Limits(vcpus=3)]
    picks = [Pick(uuid, 1, "h1", "h1", None, own) for uuid, own in zip(uuids, limits, strict=True)]

    outcome = database.write(lambda db: placements.record(db, picks, NOW))

    assert [pick.uuid for pick in outcome.placed] == [uuids[0], uuids[3]]
    assert [pick.uuid for pick in outcome.crowded_out] == [uuids[1], uuids[2]]


def test_of_many_at_once_as_many_win_as_the_number_of_instances_allows(
    database: Database,
) -> None:
    add_host(database, "h1")
    uuids = add_instances(database, [instance() for _ in range(12)])

    def place(number: int) -> Outcome:
        picks = [Pick(uuids[number], 1, "h1", "h1", None, Limits(num_instances=5))]
        return database.write(lambda db: placements.record(db, picks, NOW))

    outcomes = together(12, place)

    assert sum(len(outcome.placed) for outcome in outcomes) == 5
    assert claimed(database, "h1") == counted(database, "h1")


def test_what_is_claimed_and_given_back_at_once_leaves_the_books_right(
    database: Database,
) -> None:
    add_host(database, "h1")

    def both(_number: int) -> None:
        for _again in range(5):
            assert database.write(lambda db: hosts.claim(db, "h1", ONE, NOW))
            database.write(lambda db: hosts.give_back(db, "h1", ONE, NOW))

    together(8, both)

    assert claimed(database, "h1") == Need()


def test_several_schedulers_place_each_instance_once_and_fill_no_host_over_its_limit(
    database: Database,
) -> None:
    for name in ("h1", "h2", "h3"):
        add_host(database, name, vcpus=8)
    uuids = add_instances(database, [instance() for _ in range(40)])

    def schedule(number: int) -> list[str]:
        placed: list[str] = []
        for first in range(0, 40, 5):
            group = uuids[first : first + 5]
            picks = [
                Pick(uuid, 1, f"h{(place + number) % 3 + 1}", "n", None)
                for place, uuid in enumerate(group)
            ]
            outcome = database.write(lambda db, picks=picks: placements.record(db, picks, NOW))  # type: ignore[misc]
            assert isinstance(outcome, Outcome)
            placed += [pick.uuid for pick in outcome.placed]
        return placed

    placed = [uuid for found in together(4, schedule) for uuid in found]

    rows = all_instances(database)
    assert len(placed) == len(set(placed)) == 24
    assert {row.uuid for row in rows if row.task_state == Task.SPAWNING} == set(placed)
    for name in ("h1", "h2", "h3"):
        assert claimed(database, name) == counted(database, name)
        assert node(database, name).vcpus_used == 8


def test_picks_of_an_old_generation_are_overtaken(database: Database) -> None:
    add_host(database, "h1")
    (uuid,) = add_instances(database, [instance(generation=2)])

    outcome = database.write(
        lambda db: placements.record(db, [Pick(uuid, 1, "h1", "h1", None)], NOW)
    )

    assert [pick.uuid for pick in outcome.overtaken] == [uuid]
    assert claimed(database, "h1") == Need()


def test_what_does_not_fit_together_is_claimed_one_by_one(database: Database) -> None:
    add_host(database, "h1", vcpus=2)
    uuids = add_instances(database, [instance() for _ in range(3)])
    picks = [Pick(uuid, 1, "h1", "h1", None) for uuid in uuids]

    outcome = database.write(lambda db: placements.record(db, picks, NOW))

    assert len(outcome.placed) == 2
    assert len(outcome.crowded_out) == 1
    assert claimed(database, "h1") == counted(database, "h1")


def test_the_audit_corrects_claims_and_tells(database: Database) -> None:
    add_host(database, "h1")
    add_instances(database, [instance(host="h1", task_state="spawning")])

    drift = database.write(lambda db: hosts.audit(db, "h1", NOW))

    assert drift == (Need(), ONE)
    assert claimed(database, "h1") == ONE
    assert database.write(lambda db: hosts.audit(db, "h1", NOW)) is None
