"""Members of server groups, placed from many sides at once: each policy holds."""

from collections import Counter

import pytest

from minicloud.context import for_service
from minicloud.db.engine import Database
from minicloud.rpc.scheduler import Verdict, Wanted
from tests.crash import rest
from tests.crash.raced import Race, usual_conf

HOSTS = 10
TENS = {"mysql": 20, "postgresql": 3}  # of groups: two hundred on the one, a few on the other


@pytest.fixture
def race(books: Database) -> Race:
    return Race(books, HOSTS)


def _hosts(verdicts: list[Verdict]) -> Counter[str]:
    return Counter(verdict.host for verdict in verdicts if verdict.host)


def _raced(race: Race, groups: list[list[Wanted]]) -> list[Counter[str]]:
    """Where the members of each group are that were all asked for at the same time."""
    verdicts = iter(race.ask_each_at_once([one for group in groups for one in group]))
    return [_hosts([next(verdicts) for _ in group]) for group in groups]


@pytest.mark.parametrize(("rules", "most"), [({}, 1), ({"max_server_per_host": 2}, 2)])
def test_ten_hosts_take_as_many_of_an_anti_affinity_group_as_it_allows_and_no_more(
    race: Race, rules: dict[str, int], most: int
) -> None:
    wanted = race.members("anti-affinity", HOSTS * most + 2, rules)

    verdicts = race.ask_each_at_once(wanted)

    where, _tasks = race.places()
    assert len(where) == HOSTS
    assert set(where.values()) == {most}
    refused = [verdict.refused for verdict in verdicts if verdict.refused]
    assert [dict(r["counts"]) for r in refused] == [{"ServerGroupAntiAffinityFilter": HOSTS}] * 2
    assert race.books.read(rest.claims) == []


def test_ten_parallel_creates_of_an_anti_affinity_group_land_on_ten_hosts_every_time(
    race: Race,
) -> None:
    for _ten in range(TENS[race.books.dialect]):
        where = _raced(race, [race.members("anti-affinity", HOSTS) for _ in range(10)])

        assert [len(hosts) for hosts in where] == [HOSTS] * 10
    assert race.books.read(rest.claims) == []


def test_parallel_creates_of_an_affinity_group_land_on_one_host(race: Race) -> None:
    where = _raced(race, [race.members("affinity", 12) for _ in range(10)])

    assert [list(hosts.values()) for hosts in where] == [[12]] * 10
    assert race.books.read(rest.claims) == []


def test_members_of_a_soft_anti_affinity_group_are_spread_as_far_as_hosts_go(
    books: Database,
) -> None:
    conf = usual_conf()
    conf.set_override("soft_anti_affinity_weight_multiplier", 1000.0, "filter_scheduler")
    race = Race(books, HOSTS, conf=conf)
    for size, most in ((HOSTS, 1), (HOSTS + 5, 2), (3, 1)):
        for where in _raced(race, [race.members("soft-anti-affinity", size) for _ in range(5)]):
            assert sum(where.values()) == size
            assert len(where) == min(size, HOSTS)
            assert max(where.values()) == most


@pytest.mark.parametrize(("policy", "different"), [("anti-affinity", HOSTS), ("affinity", 1)])
def test_a_list_of_members_is_placed_in_one_go(race: Race, policy: str, different: int) -> None:
    wanted = race.members(policy, HOSTS)
    before = race.books.writes

    verdicts = race.client.select_destinations(for_service("test"), wanted)

    assert len(_hosts(verdicts)) == different
    assert race.books.writes == before + 1  # each saw those before it: no claim was refused
