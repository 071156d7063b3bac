"""An agent's hosts are members as long as it works and is reached."""

from collections.abc import Mapping

import pytest

from minicloud.compute.membership import Membership
from minicloud.errors import NameTaken, StoreDown
from minicloud.servicegroup.base import COMPUTE
from tests.hand_clock import HandClock

TTL_S = 20.0


class Pulse:
    def __init__(self) -> None:
        self.reached = self._is_heard = True

    def send(self) -> None:
        self._is_heard = self.reached

    def take(self) -> bool:
        heard, self._is_heard = self._is_heard, False
        return heard


class Lease:
    def __init__(self) -> None:
        self.members: dict[str, int] = {}
        self.renewed = 0
        self.lost_to: str | None = None
        self.is_away = False
        self.joins = 0

    def join(self, members: Mapping[str, int], group: str) -> None:
        assert group == COMPUTE
        self.joins += 1
        if self.is_away:
            raise StoreDown("zk", "away")
        if self.lost_to is not None:
            raise NameTaken("h1", self.lost_to)
        self.members = dict(members)

    def renew(self) -> None:
        self.renewed += 1

    def leave(self) -> None:
        self.members = {}

    def close(self) -> None:
        self.leave()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def lease() -> Lease:
    return Lease()


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


@pytest.fixture
def membership(clock: HandClock, lease: Lease, pulse: Pulse) -> Membership:
    made = Membership(lease, clock, TTL_S)
    made.pulse = pulse
    return made


def _poll(membership: Membership, epochs: Mapping[str, int], *told: str) -> bool:
    """A poll that ends well; whether its report said that it is deaf."""
    membership.begin()
    deaf = membership.is_deaf()
    membership.tell(told or epochs)
    membership.renew(epochs)
    return deaf


def test_the_first_poll_joins_and_each_further_one_renews(
    membership: Membership, lease: Lease
) -> None:
    for _ in range(3):
        assert not _poll(membership, {"h1": 4, "h2": 7})

    assert lease.members == {"h1": 4, "h2": 7}
    assert lease.renewed == 2


def test_a_poll_without_a_pulse_renews_nothing(
    membership: Membership, lease: Lease, pulse: Pulse
) -> None:
    _poll(membership, {"h1": 1})
    pulse.reached = False

    deaf = _poll(membership, {"h1": 1})

    assert deaf
    assert lease.renewed == 0


def test_an_agent_that_is_reached_is_renewed_though_no_conductor_answers_it(
    membership: Membership, lease: Lease, pulse: Pulse
) -> None:
    _poll(membership, {"h1": 1})

    membership.begin()
    membership.go_on()
    reached = lease.renewed
    pulse.reached = False
    membership.begin()
    membership.go_on()

    assert reached == 1
    assert lease.renewed == 1


def test_an_agent_that_no_conductor_ever_answered_is_no_member(
    membership: Membership, lease: Lease
) -> None:
    membership.begin()
    membership.go_on()

    assert lease.renewed == lease.joins == 0


def test_who_is_reached_again_is_renewed_again(
    membership: Membership, lease: Lease, pulse: Pulse
) -> None:
    _poll(membership, {"h1": 1})
    pulse.reached = False
    _poll(membership, {"h1": 1})
    pulse.reached = True

    assert not _poll(membership, {"h1": 1})
    assert lease.renewed == 1


def test_what_is_told_between_polls_is_as_deaf_as_the_last_poll(
    membership: Membership, pulse: Pulse
) -> None:
    _poll(membership, {"h1": 1})
    after_a_good_one = membership.is_deaf()
    pulse.reached = False
    _poll(membership, {"h1": 1})

    assert not after_a_good_one
    assert membership.is_deaf()


def test_a_new_epoch_is_joined_with(membership: Membership, lease: Lease) -> None:
    _poll(membership, {"h1": 1})

    _poll(membership, {"h1": 2})

    assert lease.members == {"h1": 2}


def test_a_host_that_its_driver_cannot_look_at_leaves_after_a_ttl(
    membership: Membership, lease: Lease, clock: HandClock
) -> None:
    _poll(membership, {"h1": 1, "h2": 1})
    clock.pass_s(TTL_S - 1)
    _poll(membership, {"h1": 1, "h2": 1}, "h1")
    before = lease.members
    clock.pass_s(1)
    _poll(membership, {"h1": 1, "h2": 1}, "h1")
    without = lease.members
    _poll(membership, {"h1": 1, "h2": 1})

    assert before == {"h1": 1, "h2": 1}
    assert without == {"h1": 1}
    assert lease.members == {"h1": 1, "h2": 1}


def test_where_no_host_is_left_nothing_is_held(
    membership: Membership, lease: Lease, clock: HandClock
) -> None:
    _poll(membership, {"h1": 1})
    clock.pass_s(TTL_S)

    _poll(membership, {"h1": 1}, "another")

    assert lease.members == {}


def test_a_name_that_was_lost_is_asked_for_again_and_that_ends_no_poll(
    membership: Membership, lease: Lease
) -> None:
    _poll(membership, {"h1": 1})
    lease.lost_to = "another"
    _poll(membership, {"h1": 1})
    renewed_meanwhile = lease.renewed
    lease.lost_to = None

    _poll(membership, {"h1": 2})

    assert renewed_meanwhile == 0
    assert lease.members == {"h1": 2}


def test_who_leaves_is_gone(membership: Membership, lease: Lease) -> None:
    _poll(membership, {"h1": 1})

    membership.close()

    assert lease.members == {}


def test_a_store_that_is_away_when_hosts_join_ends_no_poll_and_is_asked_once(
    membership: Membership, lease: Lease
) -> None:
    lease.is_away = True
    _poll(membership, {"h1": 1})

    _poll(membership, {"h1": 1})

    assert lease.joins == 1  # the lease joins by itself then
    assert lease.renewed == 1
