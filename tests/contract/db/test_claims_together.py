"""Second choices, and requests that get hosts for all that they asked for or for none."""

import threading
import uuid as uuids
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from minicloud.db import hosts, pending, placements, server_groups
from minicloud.db.claims import Pick
from minicloud.db.engine import Database
from minicloud.db.hosts import Limits, Need
from minicloud.db.models import Instance
from minicloud.db.placements import Outcome
from tests.contract.db.rows import (
    NOW,
    add_host,
    add_instances,
    all_instances,
    claimed,
    counted,
    instance,
    together,
)


def _pick(uuid: str, *names: str, request: str | None = None) -> Pick:
    """The first of these hosts, the others instead of it."""
    first, *others = (
        Pick(uuid, 1, host, f"n-{host}", {"hosts": [[host, f"n-{host}"]]}) for host in names
    )
    return replace(first, alternates=others, together=request)


def _record(database: Database, *picks: Pick) -> Outcome:
    return database.write(lambda db: placements.record(db, picks, NOW))


def _where(outcome: Outcome) -> list[tuple[str, str]]:
    return [(pick.uuid, pick.host) for pick in outcome.placed]


def _add_hosts(database: Database, **vcpus: int) -> None:
    for name, count in vcpus.items():
        add_host(database, name, vcpus=count)


def _check_books(database: Database, *names: str) -> None:
    for name in names:
        assert claimed(database, name) == counted(database, name)


def _members(database: Database, policy: str, count: int) -> list[str]:
    facts = {"project_id": "p1", "user_id": "alice", "name": "g", "policy": policy, "rules": {}}
    facts["uuid"] = str(uuids.uuid4())
    group = database.write(lambda db: server_groups.add(db, facts, NOW))
    made = add_instances(database, [instance() for _ in range(count)])
    database.write(lambda db: server_groups.join(db, group, made))
    return made


def test_when_the_first_choice_is_full_the_next_best_with_room_is_taken(
    database: Database,
) -> None:
    _add_hosts(database, h1=1, h2=1, h3=1)
    one, two, three, four = add_instances(database, [instance() for _ in range(4)])
    _record(database, _pick(one, "h2"))

    outcome = _record(database, *(_pick(uuid, "h2", "h1", "h3") for uuid in (two, three, four)))

    assert _where(outcome) == [(two, "h1"), (three, "h3")]
    assert [pick.host for pick in outcome.crowded_out] == ["h2"]
    assert outcome.wake == {"h1", "h3"}
    rows = {row.uuid: row for row in all_instances(database)}
    assert (rows[two].host, rows[two].node) == ("h1", "n-h1")
    tried = sa.select(Instance.retry).where(Instance.uuid == two)
    assert database.read(lambda db: db.scalar(tried)) == {"hosts": [["h1", "n-h1"]]}
    _check_books(database, "h1", "h2", "h3")


def test_a_second_choice_keeps_its_own_limits(database: Database) -> None:
    _add_hosts(database, h1=0, h2=9, h3=9)
    (uuid,) = add_instances(database, [instance()])
    pick = _pick(uuid, "h1", "h2", "h3")
    tight = replace(pick.alternates[0], limits=Limits(num_instances=0))

    outcome = _record(database, replace(pick, alternates=[tight, pick.alternates[1]]))

    assert _where(outcome) == [(uuid, "h3")]


def test_a_second_choice_keeps_the_policy_of_the_group(database: Database) -> None:
    _add_hosts(database, h1=1, h2=9, h3=9)
    uuids_ = _members(database, "anti-affinity", 3)
    near = _members(database, "affinity", 2)

    apart = _record(database, *(_pick(uuid, "h1", "h2", "h3") for uuid in uuids_))
    close = _record(database, _pick(near[0], "h1", "h2"), _pick(near[1], "h1", "h3", "h2"))

    assert _where(apart) == list(zip(uuids_, ("h1", "h2", "h3"), strict=True))
    assert _where(close) == [(near[0], "h2"), (near[1], "h2")]
    _check_books(database, "h1", "h2", "h3")


def test_a_second_choice_that_another_holds_is_not_waited_for(server_database: Database) -> None:
    _add_hosts(server_database, h1=0, h2=9, h3=9)
    (uuid,) = add_instances(server_database, [instance()])
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        def work(db: object) -> None:
            hosts.lock_and_count(db, "h2")  # type: ignore[arg-type]
            held.set()
            done.wait(60)

        server_database.write(work)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(60)
    outcome = _record(server_database, _pick(uuid, "h1", "h2", "h3"))
    done.set()
    other.join()

    assert _where(outcome) == [(uuid, "h3")]


def test_a_request_of_which_one_finds_no_room_gets_none_and_takes_none(
    database: Database,
) -> None:
    _add_hosts(database, h1=2, h2=5)
    rows = add_instances(database, [instance() for _ in range(7)])
    whole = [
        _pick(uuid, host, request="r-1")
        for uuid, host in zip(rows[:4], ("h1", "h2", "h1", "h1"), strict=True)
    ]
    fits = [_pick(uuid, "h2", request="r-2") for uuid in rows[4:6]]

    outcome = _record(database, *whole, *fits, _pick(rows[6], "h2"))
    again = _record(database, *(_pick(uuid, "h1") for uuid in rows[:2]))

    assert {pick.uuid for pick in outcome.placed} == set(rows[4:])
    assert {pick.uuid for pick in outcome.crowded_out} == set(rows[:4])
    assert len(again.placed) == 2
    _check_books(database, "h1", "h2")


def test_a_request_is_placed_whole_with_second_choices(database: Database) -> None:
    _add_hosts(database, h1=1, h2=1, h3=1)
    rows = add_instances(database, [instance() for _ in range(3)])

    outcome = _record(database, *(_pick(uuid, "h1", "h2", "h3", request="r-1") for uuid in rows))

    assert {host for _uuid, host in _where(outcome)} == {"h1", "h2", "h3"}
    assert outcome.crowded_out == []


def test_what_a_second_choice_took_is_given_back_too(database: Database) -> None:
    _add_hosts(database, h1=1, h2=1)
    rows = add_instances(database, [instance() for _ in range(3)])

    outcome = _record(database, *(_pick(uuid, "h1", "h2", request="r-1") for uuid in rows))

    assert outcome.placed == []
    assert len(outcome.crowded_out) == 3
    assert claimed(database, "h1") == claimed(database, "h2") == Need()


def test_what_is_given_back_of_a_request_is_no_news_of_room(database: Database) -> None:
    """Who waits for room would be tried for it, and lose and give back again, without end."""
    later = NOW + timedelta(seconds=60)
    _add_hosts(database, h1=1, h2=0)
    one, two = add_instances(database, [instance() for _ in range(2)])
    picks = [_pick(one, "h1", request="r1"), _pick(two, "h2", request="r1")]

    outcome = database.write(lambda db: placements.record(db, picks, later))

    assert not outcome.placed
    assert not database.read(lambda db: pending.freed_since(db, later))
    _check_books(database, "h1", "h2")


def test_a_member_that_changed_meanwhile_fails_no_other(database: Database) -> None:
    _add_hosts(database, h1=9)
    rows = add_instances(database, [instance(), instance(generation=2), instance()])

    outcome = _record(database, *(_pick(uuid, "h1", request="r-1") for uuid in rows))

    assert [pick.uuid for pick in outcome.placed] == [rows[0], rows[2]]
    assert [pick.uuid for pick in outcome.overtaken] == [rows[1]]


def test_of_many_requests_at_once_each_is_placed_whole_or_not_at_all(
    database: Database,
) -> None:
    names = ("h1", "h2", "h3")
    _add_hosts(database, h1=7, h2=7, h3=7)
    requests = [add_instances(database, [instance() for _ in range(3)]) for _ in range(10)]

    def place(number: int) -> int:
        first = [names[(number + n) % 3] for n in range(3)]
        others = [[name for name in names if name != host] for host in first]
        picks = [
            _pick(uuid, host, *rest, request=f"r-{number}")
            for uuid, host, rest in zip(requests[number], first, others, strict=True)
        ]
        for _round in range(5):
            outcome = _record(database, *picks)
            if outcome.placed:
                break
        return len(outcome.placed)

    placed = together(10, place)

    assert Counter(placed) == {3: 7, 0: 3}
    _check_books(database, *names)
    assert sum(claimed(database, name).instances for name in names) == 21


@pytest.mark.parametrize(
    ("policy", "seen", "chosen", "agrees"),
    [
        ("soft-anti-affinity", (), "h1", False),  # the one on h1 was not seen
        ("soft-anti-affinity", ("h1",), "h1", True),
        ("soft-anti-affinity", (), "h2", True),
        ("soft-affinity", (), "h2", False),  # there is one on h1 to be near to
        ("soft-affinity", ("h1",), "h2", True),  # that was known: h1 was full, say
        ("soft-affinity", (), "h1", True),
        ("soft-anti-affinity", None, "h1", True),
        ("soft-affinity", None, "h2", True),
    ],
)
def test_a_soft_policy_is_chosen_by_again_when_others_came_in_between(
    database: Database, policy: str, seen: Sequence[str] | None, chosen: str, agrees: bool
) -> None:
    _add_hosts(database, h1=9, h2=9)
    first, second = _members(database, policy, 2)
    _record(database, _pick(first, "h1"))

    outcome = _record(database, replace(_pick(second, chosen), others=seen))

    assert bool(outcome.placed) is agrees
    assert bool(outcome.crowded_out) is not agrees
    _check_books(database, "h1", "h2")


def test_a_soft_policy_is_kept_by_a_second_choice_where_it_can_be(database: Database) -> None:
    _add_hosts(database, h1=9, h2=9)
    first, second, third = _members(database, "soft-anti-affinity", 3)
    _record(database, _pick(first, "h1"))

    outcome = _record(
        database,
        replace(_pick(second, "h1", "h2"), others=()),
        replace(_pick(third, "h1", "h2"), others=()),
    )

    assert _where(outcome) == [(second, "h2")]
    assert claimed(database, "h1") == counted(database, "h1") != Need()
