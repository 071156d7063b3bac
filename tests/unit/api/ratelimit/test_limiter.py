"""Which levels a request is charged to, and what happens while limits or store change."""

from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as RedisAway

from minicloud.api.ratelimit.levels import Charge, Outcome
from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.store import StaleTable
from tests.hand_clock import HandClock
from tests.unit.api.limited import Given, limit, limiter

ALICE = Caller("alice", "p1")


@pytest.mark.parametrize("mark", [":", "|", ",", '","', "/", "\\", "\x00", " "])
def test_no_name_can_be_made_to_share_a_level_with_another(mark: str) -> None:
    found = limiter(
        Given(limit(value=1), limit("ids", uri="/x/{a}/{b}", use=("a", "b"), value=1)), HandClock()
    )
    callers = [Caller(f"u{mark}v", "p"), Caller("u", f"v{mark}p"), Caller("v", f"p{mark}u")]

    for caller in callers:
        verdict = found.charge(caller, "GET", "/", ())
        assert verdict is not None
        assert verdict.allowed


def test_values_of_variables_cannot_share_a_level() -> None:
    found = limiter(Given(limit(uri="/x/{a}/{b}", use=("a", "b"), value=1)), HandClock())

    verdicts = [found.charge(ALICE, "GET", path, ()) for path in ("/x/1:2/3", "/x/1/2:3")]

    assert [verdict and verdict.allowed for verdict in verdicts] == [True, True]


def test_a_user_and_an_address_of_the_same_name_are_two() -> None:
    limits = (limit("a", value=1, per="project"), limit("b", value=1, per="address"))
    found = limiter(Given(*limits), HandClock())

    known, unknown = found.charge(ALICE, "GET", "/", ()), found.charge_address("p1", "GET", "/")

    for verdict, name in ((known, "a"), (unknown, "b")):
        assert verdict is not None
        assert [each.limit.name for each in verdict.standings] == [name]


class Versioned(MemoryStore):
    """Knows which version of the limits counts, as Redis does."""

    def __init__(self, clock: HandClock, newest: int) -> None:
        super().__init__(clock.now_us)
        self.newest = newest
        self.asked: list[int | None] = []

    def charge(self, charges: Sequence[Charge], version: int | None) -> Outcome:
        self.asked.append(version)
        if version not in (None, self.newest):
            raise StaleTable
        return super().charge(charges, version)


class Behind(Given):
    """Learns of a change when it is told to look."""

    def refresh(self) -> None:
        super().refresh()
        self.change(limit(value=5))


class Away(Given):
    def refresh(self) -> None:
        super().refresh()
        raise RedisAway("gone")


def test_whoever_is_behind_looks_and_decides_by_what_counts_now() -> None:
    clock, source = HandClock(), Behind(limit(value=1))
    store = Versioned(clock, newest=1)

    verdict = Limiter(source, store, clock).charge(ALICE, "GET", "/", ())

    assert verdict is not None
    assert (verdict.standings[0].remaining, source.refreshed, store.asked) == (4, 1, [0, 1])


@pytest.mark.parametrize("kind", [Given, Away])
def test_limits_that_cannot_be_caught_up_with_decide_all_the_same(kind: type[Given]) -> None:
    clock, source = HandClock(), kind(limit(value=1))
    store = Versioned(clock, newest=9)
    found = Limiter(source, store, clock)

    verdicts = [found.charge(ALICE, "GET", "/", ()) for _ in range(2)]

    assert [verdict and verdict.allowed for verdict in verdicts] == [True, False]
    assert source.refreshed == 4
    assert store.asked == [0, 0, None] * 2


def test_without_a_limit_the_store_is_asked_nothing() -> None:
    clock = HandClock()
    store = Versioned(clock, newest=1)

    verdict = Limiter(Given(limit(verbs="POST")), store, clock).charge(ALICE, "GET", "/", ())

    assert verdict is None
    assert store.asked == []


def test_the_levels_of_a_caller_are_shown_without_counting() -> None:
    found = limiter(
        Given(
            limit("a", value=5),
            limit("b", uri="/x/{id}", use=("id",), value=5),
            limit("c", value=5, per="project"),
            limit("d", value=5, limit_class="gold"),
            limit("e", value=5, per="address"),
        ),
        HandClock(),
    )
    found.charge(ALICE, "GET", "/x/1", ())
    found.charge(Caller("bob", "p1"), "GET", "/y", ())

    for _ in range(2):
        shown = {each.limit.name: each.remaining for each in found.levels_of(ALICE)}
        assert shown == {"a": 4, "b": 5, "c": 3}
