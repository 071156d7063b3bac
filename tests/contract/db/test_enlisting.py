"""Names and epochs: one living program has a name, and what is of an older epoch is refused."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from minicloud.db import enlisting, hosts, services
from minicloud.db.engine import Database
from minicloud.errors import NameTaken
from tests.contract.db.rows import NOW, add_host, node, together

COMPUTE = "nova-compute"
TTL = timedelta(seconds=20)
LATER = NOW + 2 * TTL


def owner(nonce: str) -> dict[str, Any]:
    return {"nonce": nonce, "program": "nova-compute", "machine": "rack7 boot", "pid": 77}


def enlist(
    database: Database,
    nonce: str,
    *names: str,
    now: datetime = NOW,
    alive: Callable[[str], bool] = lambda name: False,
    instead_of: Collection[str] = (),
) -> Mapping[str, int]:
    return database.write(
        lambda db: enlisting.enlist(
            db, COMPUTE, names or ("h1",), owner(nonce), now, alive, TTL, instead_of
        )
    )


def epochs(database: Database, *names: str) -> Mapping[str, int]:
    return database.read(lambda db: enlisting.epochs(db, names))


def test_the_first_one_gets_all_its_names_in_their_first_epoch(database: Database) -> None:
    assert enlist(database, "a", "h1", "h2") == {"h1": 1, "h2": 1}
    assert epochs(database, "h1", "h2", "h3") == {"h1": 1, "h2": 1}


def test_who_asks_again_gets_the_epoch_that_it_has(database: Database) -> None:
    enlist(database, "a")

    assert enlist(database, "a", now=LATER) == {"h1": 1}


def test_the_successor_of_one_that_is_silent_gets_the_name_in_a_higher_epoch(
    database: Database,
) -> None:
    add_host(database, "h1")
    enlist(database, "a")

    assert enlist(database, "b", now=LATER) == {"h1": 2}
    assert node(database, "h1").epoch == 2
    assert node(database, "h1").changed_at == LATER


def test_a_living_program_keeps_its_name_and_the_other_is_told_who_it_is(
    database: Database,
) -> None:
    enlist(database, "a")

    with pytest.raises(NameTaken) as told:
        enlist(database, "b", now=LATER, alive=lambda name: True)

    text = "h1 is served by another program: nova-compute, process 77 on rack7, since 2026-03-01"
    assert str(told.value).startswith(text)
    assert told.value.args[2]["nonce"] == "a"
    assert epochs(database, "h1") == {"h1": 1}


def test_one_that_has_just_taken_a_name_keeps_it_before_its_first_sign_of_life(
    database: Database,
) -> None:
    enlist(database, "a")

    with pytest.raises(NameTaken):
        enlist(database, "b", now=NOW + TTL)


def test_one_that_is_known_to_have_ended_is_followed_at_once(database: Database) -> None:
    enlist(database, "a")

    assert enlist(database, "b", alive=lambda name: True, instead_of=["a"]) == {"h1": 2}


def test_one_name_that_is_taken_keeps_all_the_others_from_being_given(
    database: Database,
) -> None:
    enlist(database, "a", "h2")

    with pytest.raises(NameTaken):
        enlist(database, "b", "h1", "h2", "h3")

    assert epochs(database, "h1", "h2", "h3") == {"h1": 0, "h2": 1, "h3": 0}


def test_a_name_that_was_given_back_is_free_at_once(database: Database) -> None:
    enlist(database, "a")

    database.write(lambda db: enlisting.resign(db, COMPUTE, ["h1"], "a"))

    assert enlist(database, "b") == {"h1": 2}


def test_one_that_has_left_keeps_its_name_until_its_work_is_done(database: Database) -> None:
    enlist(database, "a")
    database.write(lambda db: enlisting.left(db, COMPUTE, ["h1"], "a", LATER))

    with pytest.raises(NameTaken):
        enlist(database, "b", now=LATER + TTL / 2)
    database.write(lambda db: enlisting.resign(db, COMPUTE, ["h1"], "a"))

    assert enlist(database, "b", now=LATER + TTL / 2) == {"h1": 2}


def test_one_that_was_followed_gives_nothing_back(database: Database) -> None:
    enlist(database, "a")
    enlist(database, "b", instead_of=["a"])

    database.write(lambda db: enlisting.resign(db, COMPUTE, ["h1"], "a"))

    with pytest.raises(NameTaken):
        enlist(database, "c")


def test_names_of_other_kinds_of_programs_are_names_of_their_own(database: Database) -> None:
    enlist(database, "a")
    add_host(database, "h1")
    before = node(database, "h1").epoch

    database.write(
        lambda db: enlisting.enlist(
            db, "nova-conductor", ["h1"], owner("b"), NOW, lambda name: True, TTL
        )
    )

    assert epochs(database, "h1") == {"h1": 1}
    assert node(database, "h1").epoch == before


def test_a_fence_ends_the_epoch_and_the_same_program_learns_of_the_next(
    database: Database,
) -> None:
    add_host(database, "h1")
    mine = enlist(database, "a", "h1", "h2")

    database.write(lambda db: enlisting.fence(db, ["h1"], LATER))

    assert database.read(lambda db: enlisting.stale(db, mine)) == {"h1": 2}
    assert (node(database, "h1").epoch, node(database, "h1").changed_at) == (2, LATER)
    assert enlist(database, "a", "h1", "h2") == {"h1": 2, "h2": 1}


def test_a_host_that_was_removed_is_in_no_epoch(database: Database) -> None:
    mine = enlist(database, "a")
    row = database.read(lambda db: services.of_group(db, COMPUTE, "h1"))[0]

    database.write(lambda db: services.remove(db, row.id))

    assert database.read(lambda db: enlisting.stale(db, mine)) == {"h1": 0}


def test_an_inventory_of_an_older_epoch_is_not_written(database: Database) -> None:
    add_host(database, "h1", vcpus=8)
    enlist(database, "a")
    database.write(lambda db: enlisting.fence(db, ["h1"], NOW))

    def tell(epoch: int) -> bool:
        facts = {"vcpus": 99}
        return database.write(
            lambda db: hosts.record_inventory(db, "h1", "agent", facts, LATER, epoch)
        )

    assert not tell(1)
    assert node(database, "h1").vcpus == 8
    assert tell(2)
    assert node(database, "h1").vcpus == 99


def test_of_two_newcomers_of_one_name_exactly_one_gets_in(database: Database) -> None:
    for number in range(20):
        name = f"h{number}"
        late = NOW + number * 2 * TTL
        if number % 2:
            enlist(database, "before", name, now=late - 2 * TTL)

        def ask(which: int, name: str = name, late: datetime = late) -> int | None:
            try:
                return enlist(database, f"new-{which}", name, now=late)[name]
            except NameTaken:
                return None

        got = together(3, ask)

        assert sorted(g for g in got if g is not None) == [1 + number % 2]
        assert epochs(database, name) == {name: 1 + number % 2}


def test_newcomers_of_many_names_in_any_order_wait_in_no_circle(database: Database) -> None:
    names = [f"h{number}" for number in range(30)]

    def ask(which: int) -> int:
        mixed = names[which:] + names[:which]
        try:
            return len(enlist(database, f"new-{which}", *mixed))
        except NameTaken:
            return 0

    assert sorted(together(6, ask)) == [0, 0, 0, 0, 0, 30]
