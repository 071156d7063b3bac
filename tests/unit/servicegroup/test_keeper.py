"""What a lease does, over a store that stands still but for the hand clock."""

from typing import Any

import pytest

from minicloud import errors
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.keeper import Keeper
from tests.hand_clock import HandClock
from tests.unit.servicegroup.shelf import TTL_S, Shelf, ShelfStore, keeper


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(HandClock())


def _hosts(shelf: Shelf, group: str = COMPUTE) -> dict[str, int]:
    members = ShelfStore(shelf).read(group).members.values()
    return {host: epoch for entry in members for host, epoch in entry.hosts.items()}


def _live(shelf: Shelf, seconds: float, *working: Keeper, silent: tuple[Keeper, ...] = ()) -> None:
    """Time passes; those who work renew all the while."""
    for _ in range(round(seconds * 4)):
        shelf.clock.pass_s(0.25)
        for one in working:
            one.renew()
        for one in (*working, *silent):
            one.step()


def test_who_joins_is_there(shelf: Shelf) -> None:
    lease = keeper(shelf, "agent")

    lease.join({"node1": 3}, COMPUTE)

    assert _hosts(shelf) == {"node1": 3}


def test_an_agent_with_one_host_is_there_under_the_hosts_name(shelf: Shelf) -> None:
    keeper(shelf, "agent").join({"node1": 1}, COMPUTE)

    assert set(ShelfStore(shelf).read(COMPUTE).members) == {"node1"}


def test_an_agent_takes_no_place_of_an_agent_or_host_that_is_called_like_it(shelf: Shelf) -> None:
    held = {"rack": {"a": 1, "b": 1}, "other": {"rack": 1}}
    for name, members in held.items():
        keeper(shelf, name).join(members, COMPUTE)
    keeper(shelf, "rack").join({"c": 1, "d": 1}, COMPUTE)

    found = ShelfStore(shelf).read(COMPUTE).members.values()

    assert sorted(host for entry in found for host in entry.hosts) == ["a", "b", "c", "d", "rack"]


def test_an_agent_with_many_hosts_is_one_entry(shelf: Shelf) -> None:
    keeper(shelf, "agent").join({f"node{n}": n for n in range(50)}, COMPUTE)

    assert set(ShelfStore(shelf).read(COMPUTE).members) == {"agent:node0+"}
    assert len(_hosts(shelf)) == 50


def test_who_renews_stays(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)

    _live(shelf, 5 * TTL_S, lease)

    assert _hosts(shelf) == {"node1": 1}


def test_who_does_not_renew_is_gone_though_the_keeper_runs(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)

    _live(shelf, TTL_S, silent=(lease,))

    assert _hosts(shelf) == {}


def test_the_stores_time_runs_from_the_last_renewal(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    shelf.clock.pass_s(2)
    lease.renew()
    shelf.clock.pass_s(6)
    lease.step()

    shelf.clock.pass_s(TTL_S - 6)

    assert _hosts(shelf) == {}


def test_who_works_again_is_back(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    _live(shelf, 2 * TTL_S, silent=(lease,))

    _live(shelf, 1, lease)

    assert _hosts(shelf) == {"node1": 1}


def test_renewing_often_tells_the_store_seldom(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1", period_s=2.0)
    lease.join({"node1": 1}, COMPUTE)
    before = shelf.writes

    _live(shelf, 20, lease)

    assert 8 <= shelf.writes - before <= 10


def test_a_keeper_tells_the_store_nothing_that_was_not_renewed(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    before = shelf.writes

    _live(shelf, TTL_S - 1, silent=(lease,))

    assert shelf.writes == before


def test_who_leaves_is_gone_at_once_and_stays_away(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)

    lease.leave()
    _live(shelf, 3, lease)

    assert _hosts(shelf) == {}


def test_a_restart_takes_over_its_own_place_at_once(shelf: Shelf) -> None:
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)  # and is killed

    again = keeper(shelf, "node1")
    again.join({"node1": 2}, COMPUTE)

    assert _hosts(shelf) == {"node1": 2}


def test_a_restart_in_the_same_epoch_takes_over_as_well(shelf: Shelf) -> None:
    keeper(shelf, "node1").join({"node1": 0}, CONDUCTOR)

    again = keeper(shelf, "node1")
    again.join({"node1": 0}, CONDUCTOR)
    _live(shelf, 2, again)

    assert again.lost_to is None
    assert again.held


def test_of_two_of_one_name_the_older_is_told(shelf: Shelf) -> None:
    older, newer = keeper(shelf, "node1"), keeper(shelf, "node1")
    older.join({"node1": 1}, COMPUTE)

    newer.join({"node1": 2}, COMPUTE)
    _live(shelf, 3, older, newer)

    assert older.lost_to == "owner of node1"
    assert newer.lost_to is None
    assert _hosts(shelf) == {"node1": 2}


def test_an_older_epoch_does_not_get_the_name(shelf: Shelf) -> None:
    keeper(shelf, "node1").join({"node1": 5}, COMPUTE)

    with pytest.raises(errors.NameTaken, match="owner of node1"):
        keeper(shelf, "node1").join({"node1": 4}, COMPUTE)

    assert _hosts(shelf) == {"node1": 5}


def test_an_older_epoch_gets_the_name_when_the_newer_is_dead(shelf: Shelf) -> None:
    keeper(shelf, "node1").join({"node1": 5}, COMPUTE)
    shelf.clock.pass_s(TTL_S)

    keeper(shelf, "node1").join({"node1": 4}, COMPUTE)

    assert _hosts(shelf) == {"node1": 4}


def test_who_lost_the_name_does_not_come_back_when_the_store_forgets(shelf: Shelf) -> None:
    older, newer = keeper(shelf, "node1"), keeper(shelf, "node1")
    older.join({"node1": 1}, COMPUTE)
    newer.join({"node1": 2}, COMPUTE)
    _live(shelf, 3, older, newer)

    shelf.forget()
    _live(shelf, 3, older)

    assert _hosts(shelf) == {}


def test_who_lost_the_name_can_join_in_a_later_epoch(shelf: Shelf) -> None:
    older, newer = keeper(shelf, "node1"), keeper(shelf, "node1")
    older.join({"node1": 1}, COMPUTE)
    newer.join({"node1": 2}, COMPUTE)
    _live(shelf, 3, older, newer)

    older.join({"node1": 3}, COMPUTE)
    _live(shelf, 3, older, newer)

    assert older.lost_to is None
    assert newer.lost_to == "owner of node1"
    assert _hosts(shelf) == {"node1": 3}


def test_who_was_away_leaves_the_name_to_who_took_it_meanwhile(shelf: Shelf) -> None:
    paused, other = keeper(shelf, "node1"), keeper(shelf, "node1")
    paused.join({"node1": 1}, COMPUTE)
    shelf.clock.pass_s(2 * TTL_S)
    other.join({"node1": 1}, COMPUTE)

    _live(shelf, 3, paused, other)

    assert paused.lost_to == "owner of node1"
    assert other.lost_to is None


def test_who_was_silent_leaves_the_name_to_who_took_it_meanwhile(shelf: Shelf) -> None:
    silent, other = keeper(shelf, "node1"), keeper(shelf, "node1")
    silent.join({"node1": 1}, COMPUTE)
    _live(shelf, TTL_S, silent=(silent,))
    other.join({"node1": 1}, COMPUTE)

    _live(shelf, 3, silent, other)

    assert silent.lost_to == "owner of node1"
    assert other.lost_to is None


def test_who_finds_his_own_place_unusable_makes_it_anew(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    monkeypatch.setattr(ShelfStore, "_renew", lambda *_: False)  # as of an earlier session
    before = shelf.writes

    _live(shelf, 3, lease)

    assert lease.lost_to is None
    assert shelf.writes > before


def test_what_the_store_forgets_is_joined_again(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)

    shelf.forget()
    _live(shelf, 2, lease)

    assert _hosts(shelf) == {"node1": 1}


def test_a_store_that_is_away_for_a_while_does_no_harm(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)

    shelf.away = True
    _live(shelf, 3 * TTL_S, lease)
    shelf.away = False
    _live(shelf, 2, lease)

    assert _hosts(shelf) == {"node1": 1}


def test_joining_a_store_that_is_away_is_told_and_made_up_for(shelf: Shelf) -> None:
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)  # and is killed
    lease, shelf.away = keeper(shelf, "node1"), True
    with pytest.raises(errors.StoreDown, match="shelf://here"):
        lease.join({"node1": 1}, COMPUTE)

    shelf.away = False
    _live(shelf, 2, lease)

    assert lease.held
    assert lease.lost_to is None


def test_leaving_a_store_that_is_away_is_made_up_for(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    shelf.away = True
    with pytest.raises(errors.StoreDown):
        lease.leave()

    shelf.away = False
    _live(shelf, 1, lease)

    assert _hosts(shelf) == {}


def test_who_joins_again_before_leaving_was_made_up_for_stays(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    shelf.away = True
    with pytest.raises(errors.StoreDown):
        lease.leave()

    shelf.away = False
    lease.join({"node1": 1}, COMPUTE)
    at_once = _hosts(shelf)
    _live(shelf, 2, lease)

    assert at_once == _hosts(shelf) == {"node1": 1}


def test_who_is_silent_while_the_store_is_away_is_taken_out_when_it_is_back(shelf: Shelf) -> None:
    lease = keeper(shelf, "node1")
    lease.join({"node1": 1}, COMPUTE)
    shelf.places[COMPUTE, "node1"].until = 1000.0  # as ZooKeeper's session would have it
    shelf.away = True
    _live(shelf, 2 * TTL_S, silent=(lease,))

    shelf.away = False
    _live(shelf, 2, silent=(lease,))

    assert _hosts(shelf) == {}


def test_a_lease_that_joins_under_another_name_leaves_the_first(shelf: Shelf) -> None:
    lease = keeper(shelf, "agent")
    lease.join({"node1": 1}, COMPUTE)

    lease.join({"node1": 2, "node2": 2}, COMPUTE)

    assert set(ShelfStore(shelf).read(COMPUTE).members) == {"agent:node1+"}


def test_a_host_is_there_all_the_while_that_its_lease_gets_another_name(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, seen = keeper(shelf, "agent"), list[set[str]]()
    lease.join({"node1": 1, "node2": 1}, COMPUTE)
    remove = ShelfStore._remove

    def watched(*arguments: Any) -> None:
        remove(*arguments)
        seen.append(set(_hosts(shelf)))

    monkeypatch.setattr(ShelfStore, "_remove", watched)
    lease.join({"node1": 1}, COMPUTE)
    _live(shelf, 2, lease)

    assert seen == [{"node1"}]
    assert lease.held


def test_leaving_does_not_take_away_the_successor(shelf: Shelf) -> None:
    older, newer = keeper(shelf, "node1"), keeper(shelf, "node1")
    older.join({"node1": 1}, COMPUTE)
    newer.join({"node1": 2}, COMPUTE)

    older.leave()

    assert _hosts(shelf) == {"node1": 2}
