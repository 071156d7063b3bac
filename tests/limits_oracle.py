"""The rate limits as they are promised, in fractions; and a play that holds a store to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from minicloud.api.ratelimit.levels import Charge, Standing, Verdict, seconds
from minicloud.api.ratelimit.limit import EXACT, MAX_UNIT_S, MAX_VALUE, Limit
from minicloud.api.ratelimit.store import Store

NAMES = ("a", "b", "c")
_UNITS_S = (1, 2, 7, 60, 90, 3600, 86400, MAX_UNIT_S)
_VALUES = (1, 2, 3, 7, 10, 100, 104248, MAX_VALUE)


def of(name: str, value: int, unit_s: int) -> Limit:
    return Limit(name, frozenset(), "*", value, unit_s)


@dataclass
class Oracle:
    """Levels in seconds, which drain one second per second."""

    now: Fraction = Fraction(0)
    levels: dict[str, tuple[Fraction, Fraction]] = field(default_factory=dict)

    def level(self, name: str) -> Fraction:
        level, at = self.levels.get(name, (Fraction(0), self.now))
        return max(Fraction(0), level - (self.now - at))

    def hit(self, limits: Sequence[Limit]) -> tuple[bool, Fraction]:
        """Whether it is allowed, and the longest wait in seconds if it is not."""
        after = {each.name: self.level(each.name) + cost(each) for each in limits}
        wait = max(after[each.name] - each.unit_s for each in limits)
        if wait > 0:
            return False, wait
        for name, level in after.items():
            self.levels[name] = (level, self.now)
        return True, Fraction(0)

    def rescale(self, old: Limit, new: Limit) -> None:
        """A limit that is changed stays as full as it was."""
        self.levels[new.name] = (self.level(old.name) * new.unit_s / old.unit_s, self.now)

    def remaining(self, limit: Limit) -> int:
        return int((limit.unit_s - self.level(limit.name)) / cost(limit))


def cost(limit: Limit) -> Fraction:
    return Fraction(limit.unit_s, limit.value)


def numbers() -> st.SearchStrategy[tuple[int, int]]:
    """Value and unit in seconds of a limit that is allowed."""
    value = st.sampled_from(_VALUES) | st.integers(1, MAX_VALUE)
    unit = st.sampled_from(_UNITS_S) | st.integers(1, MAX_UNIT_S)
    small = st.tuples(st.integers(1, 12), st.integers(1, 100))
    return small | st.tuples(value, unit).filter(
        lambda pair: pair[1] * 1_000_000 * (pair[0] + 1) < EXACT
    )


def steps() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """What happens, in turn."""
    some = st.sets(st.sampled_from(NAMES), min_size=1)
    step = st.one_of(
        st.tuples(st.just("hit"), some),
        st.tuples(st.just("hits"), some, st.integers(2, 15)),
        st.tuples(st.just("pass"), st.integers(0, 3) | st.integers(0, 10**8)),
        st.tuples(st.just("just before"), some),
        st.tuples(st.just("obey"), some),
        st.tuples(st.just("change"), st.sampled_from(NAMES), numbers()),
    )
    return st.lists(step, min_size=1, max_size=25)


class Play:
    """A store and the oracle, told the same."""

    def __init__(
        self,
        make: Callable[[Callable[[], int]], Store],
        given: Mapping[str, tuple[int, int]],
        key: Callable[[str], str] = str,
    ) -> None:
        """`make` is given a clock in microseconds; `key` names the levels."""
        self.now_us = 1_700_000_000_000_000
        self.store, self.key = make(lambda: self.now_us), key
        self.limits = {name: of(name, *numbers) for name, numbers in given.items()}
        self.oracle = Oracle()

    def run(self, steps: Sequence[tuple[Any, ...]]) -> None:
        for what, *facts in steps:
            getattr(self, f"_{what.replace(' ', '_')}")(*facts)

    def _hit(self, names: set[str]) -> Verdict:
        limits = [self.limits[name] for name in sorted(names)]
        allowed, wait = self.oracle.hit(limits)
        outcome = self.store.charge([self._charge(each) for each in limits], None)
        standings = tuple(map(Standing, limits, outcome.debts))
        verdict = Verdict(outcome.allowed, standings)
        assert verdict.allowed is allowed
        assert 0 <= verdict.wait_us - wait * 1_000_000 < 1
        assert wait <= seconds(verdict.wait_us) < wait + 1 or allowed
        for standing in standings:
            assert standing.remaining == self.oracle.remaining(standing.limit)
            reset = self.oracle.level(standing.limit.name) * 1_000_000
            assert 0 <= standing.reset_us - reset < 1
        return verdict

    def _hits(self, names: set[str], count: int) -> None:
        for _ in range(count):
            self._hit(names)

    def _pass(self, microseconds: int) -> None:
        self.now_us += microseconds
        self.oracle.now += Fraction(microseconds, 1_000_000)

    def _just_before(self, names: set[str]) -> None:
        """A microsecond less than the wait is too soon."""
        verdict = self._hit(names)
        if verdict.wait_us > 0:
            self._pass(verdict.wait_us - 1)
            assert not self._hit(names).allowed
            self._pass(1)
            assert self._hit(names).allowed

    def _obey(self, names: set[str]) -> None:
        """Whoever sleeps as long as the header says is not refused again."""
        verdict = self._hit(names)
        if not verdict.allowed:
            self._pass(seconds(verdict.wait_us) * 1_000_000)
            assert self._hit(names).allowed

    def _change(self, name: str, numbers: tuple[int, int]) -> None:
        """The level is kept, rounded up by less than two of the smallest parts."""
        old, new = self.limits[name], of(name, *numbers)
        self.limits[name] = new
        self.oracle.rescale(old, new)
        (debt,) = self.store.look([self._charge(new)])
        level = Fraction(debt, new.value * 1_000_000)
        part = Fraction(1, new.value * 1_000_000)
        if (old.value, old.unit_s) == numbers:
            assert level == self.oracle.level(name)
        factors = (Fraction(new.value, old.value), Fraction(new.unit_s, old.unit_s))
        largest = max(Fraction(1), *factors)
        assert 0 <= level - self.oracle.level(name) < part * (1 + largest)
        self.oracle.levels[name] = (level, self.oracle.now)
        self._hit({name})

    def _charge(self, limit: Limit) -> Charge:
        return Charge(self.key(limit.name), limit)
