"""Which hosts an agent may touch: its own, in the term that it was told of, and not for ever."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from minicloud.compute.enlistment import Enlistment
from minicloud.errors import CannotStart, LineDown, NameTaken, PeerTooOld
from minicloud.rpc.conductor import ConductorClient
from tests.hand_clock import HandClock

TTL_S = 20.0


class Conductor(ConductorClient):
    """Gives epochs, but not of hosts that are `taken`."""

    def __init__(self) -> None:
        self.epoch = 1
        self.taken: set[str] = set()
        self.fails: Exception | None = None
        self.asked: list[list[str]] = []
        self.resigned: list[str] = []

    def enlist(
        self,
        agent: str,
        hosts: Sequence[str],
        owner: Mapping[str, Any],
        instead_of: Sequence[str] = (),
    ) -> dict[str, int]:
        self.asked.append(list(hosts))
        if self.fails is not None:
            raise self.fails
        for host in sorted(self.taken & set(hosts)):
            raise NameTaken(host, "somebody", {"nonce": "other"})
        return dict.fromkeys(hosts, self.epoch)

    def resign(self, agent: str, hosts: Sequence[str], nonce: str) -> None:
        self.resigned += hosts


@pytest.fixture
def conductor() -> Conductor:
    return Conductor()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def enlistment(conductor: Conductor, clock: HandClock) -> Enlistment:
    return Enlistment("a", ["h1", "h2", "h3"], conductor, clock, TTL_S, is_gone=lambda one: False)


ALL = ["h1", "h2", "h3"]


def test_all_hosts_are_enlisted_by_one_question_and_then_by_none(
    enlistment: Enlistment, conductor: Conductor
) -> None:
    enlistment.begin()

    assert enlistment.renew(ALL) == ALL
    assert enlistment.epochs == {"h1": 1, "h2": 1, "h3": 1}
    assert conductor.asked == [ALL]
    assert enlistment.fresh(ALL) == ALL


def test_a_host_that_was_lost_is_enlisted_again_and_looked_at_as_a_new_one(
    enlistment: Enlistment, conductor: Conductor
) -> None:
    enlistment.begin()
    enlistment.looked(ALL)
    before, conductor.epoch = enlistment.term("h2"), 5

    enlistment.lose({"h2": 5})

    assert enlistment.epochs == {"h1": 1, "h3": 1}
    assert not enlistment.holds("h2", before)
    assert enlistment.renew(ALL) == ALL
    assert conductor.asked[1:] == [["h2"]]
    assert enlistment.epochs == {"h1": 1, "h2": 5, "h3": 1}
    assert enlistment.fresh(ALL) == ["h2"]
    assert not enlistment.holds("h2", before)
    assert enlistment.holds("h2", enlistment.term("h2"))


def test_nothing_is_held_once_no_conductor_was_heard_for_a_down_time(
    enlistment: Enlistment, clock: HandClock
) -> None:
    enlistment.begin()
    term = enlistment.term("h1")
    clock.pass_s(TTL_S - 1)
    enlistment.confirm(["h2"], clock.monotonic())
    clock.pass_s(2)

    assert not enlistment.holds("h1", term)
    assert enlistment.holds("h2", term)


def test_a_name_that_another_has_is_told_of_once_and_the_other_hosts_are_served(
    enlistment: Enlistment, conductor: Conductor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    enlistment.begin()
    enlistment.lose({"h1": 2, "h2": 2})
    conductor.taken = {"h2"}

    found = [enlistment.renew(ALL) for _ in range(3)]

    assert found == [["h1", "h3"]] * 3
    told = [r for r in caplog.records if "h2 is served by another program: somebody" in r.message]
    assert [record.levelname for record in told] == ["ERROR"]
    conductor.taken = set()
    assert enlistment.renew(ALL) == ALL
    assert "h2: the other program is gone" in caplog.text


def test_an_agent_whose_name_is_taken_at_its_start_does_not_start(
    enlistment: Enlistment, conductor: Conductor, clock: HandClock
) -> None:
    conductor.taken = {"h2"}

    with pytest.raises(CannotStart, match="h2 is served by another program"):
        enlistment.begin()

    assert clock.monotonic() >= 1.5 * TTL_S


def test_where_no_conductor_answers_it_is_asked_again(
    enlistment: Enlistment, conductor: Conductor
) -> None:
    conductor.fails = LineDown("away")
    enlistment.begin()
    assert enlistment.epochs == {}
    with pytest.raises(LineDown):
        enlistment.renew(ALL)

    conductor.fails = None

    assert enlistment.renew(ALL) == ALL


def test_with_a_conductor_of_the_release_before_hosts_are_served_without_epochs(
    enlistment: Enlistment, conductor: Conductor, clock: HandClock
) -> None:
    conductor.fails = PeerTooOld("enlist", "conductor", "1.3")
    enlistment.begin()

    assert enlistment.renew(ALL) == ALL
    assert enlistment.of(ALL) == {}
    assert enlistment.holds("h1", enlistment.term("h1"))
    assert len(conductor.asked) == 1
    conductor.fails = None
    clock.pass_s(6)
    assert enlistment.renew(ALL) == ALL
    assert enlistment.of(ALL) == {"h1": 1, "h2": 1, "h3": 1}


def test_a_host_served_without_epochs_is_let_go_once_another_turns_out_to_have_it(
    enlistment: Enlistment, conductor: Conductor, clock: HandClock
) -> None:
    conductor.fails = PeerTooOld("enlist", "conductor", "1.3")
    enlistment.begin()
    term = enlistment.term("h2")
    conductor.fails, conductor.taken = None, {"h2"}
    clock.pass_s(6)

    assert enlistment.renew(ALL) == ["h1", "h3"]
    assert not enlistment.holds("h2", term)
    assert enlistment.epochs == {"h1": 1, "h3": 1}
    conductor.taken = set()
    assert enlistment.renew(ALL) == ALL
    assert enlistment.fresh(["h2"]) == ["h2"]


def test_at_the_end_only_hosts_that_have_an_epoch_are_given_back(
    enlistment: Enlistment, conductor: Conductor
) -> None:
    enlistment.begin()
    enlistment.lose({"h2": 9})

    enlistment.resign()

    assert conductor.resigned == ["h1", "h3"]
