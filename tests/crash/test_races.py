"""More requests than room, from many sides at once: exactly what fits is placed."""

from collections import Counter
from typing import Any

import pytest

from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Wanted
from tests.crash import rest
from tests.crash.raced import Race, usual_conf

PLACES, ASKED, HOSTS = 300, 500, 6


def _check_full(race: Race, each: int, left: int) -> None:
    """Each host has as many as it has room for, by the books' word and by a recount."""
    where, tasks = race.places()
    assert set(where.values()) == {each}
    assert tasks == Counter(spawning=sum(where.values()), scheduling=left)
    assert race.books.read(rest.claims) == []


@pytest.mark.parametrize("schedulers", [1, 2, 8])
def test_any_number_of_schedulers_place_exactly_what_fits(
    books: Database, schedulers: int
) -> None:
    race = Race(books, HOSTS, PLACES // HOSTS, schedulers)

    verdicts = race.ask_each_at_once(race.new(ASKED))

    assert len([verdict for verdict in verdicts if verdict.host]) == PLACES
    assert len([verdict for verdict in verdicts if verdict.refused]) == ASKED - PLACES
    _check_full(race, PLACES // HOSTS, ASKED - PLACES)


def test_requests_for_several_are_placed_whole_or_not_at_all(books: Database) -> None:
    race = Race(books, HOSTS, 10, schedulers=8)
    requests = [race.new(5, together=True) for _ in range(20)]

    verdicts = race.ask_at_once(requests)

    placed = [
        sum(1 for verdict in verdicts[start : start + 5] if verdict.host)
        for start in range(0, 100, 5)
    ]
    assert Counter(placed) == {5: 12, 0: 8}
    _check_full(race, 10, 40)


@pytest.mark.parametrize("room", [10, 1])
def test_a_forced_host_takes_what_it_has_room_for_and_no_more(books: Database, room: int) -> None:
    race = Race(books, 3, room, schedulers=8)

    verdicts = race.ask_each_at_once(race.new(30, force_hosts=["node1"]))

    assert Counter(verdict.host for verdict in verdicts) == {"node1": room, None: 30 - room}
    assert race.places()[0] == {"node1": room}
    assert race.books.read(rest.claims) == []


def test_no_host_gets_more_instances_than_the_filter_for_that_allows(books: Database) -> None:
    conf = usual_conf()
    enabled = [*conf.filter_scheduler.enabled_filters, "NumInstancesFilter"]
    conf.set_override("enabled_filters", enabled, "filter_scheduler")
    conf.set_override("max_instances_per_host", 7, "filter_scheduler")
    race = Race(books, HOSTS, schedulers=8, conf=conf)

    verdicts = race.ask_each_at_once(race.new(60))

    refused = [dict(v.refused["counts"]) for v in verdicts if v.refused]
    assert refused == [{"NumInstancesFilter": HOSTS}] * 18
    _check_full(race, 7, 18)


def test_what_is_forced_and_what_is_free_to_go_anywhere_share_the_room(books: Database) -> None:
    race = Race(books, 3, 10, schedulers=8)
    wanted: list[Wanted] = []
    kinds: list[dict[str, Any]] = [{"force_hosts": ["node0"]}, {}, {}]
    for kind in kinds * 10:
        wanted += race.new(2, **kind)

    race.ask_each_at_once(wanted)

    _check_full(race, 10, 30)
