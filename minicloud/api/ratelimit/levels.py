"""How full each limit is for a caller, and whether one more call fits: Nova's leaky bucket, exact.

Each call adds unit/value seconds to a level, which drains one second per second; a call fits if
the level stays within one unit. All is counted in whole numbers: a level is kept as a *debt*,
microseconds times `value`, so that a call costs just the unit in microseconds and each microsecond
pays back `value`. The largest debt is below 2**53 (limit.py sees to that), so Redis' Lua, which
has only doubles, gets the same results to the last digit (redis_script.py).

A limit that is changed stays as full as it was: at the first call after the change the debt
becomes the same share of the new largest one, rounded up, twice at most. Until that call it drains
as it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from minicloud.api.ratelimit.limit import EXACT, Limit

_SECOND: Final = 1_000_000


class State(NamedTuple):
    """A level at a moment. Plain numbers only, so the garbage collector leaves it alone."""

    debt: int
    at_us: int
    value: int
    unit_s: int

    @property
    def empty_at_us(self) -> int:
        """When nothing of it is left, so that it may be forgotten."""
        return self.at_us - -self.debt // self.value


class Charge(NamedTuple):
    """One call that is to be counted for a limit, under the key of the caller's level."""

    key: str
    limit: Limit


class Outcome(NamedTuple):
    """What a store has decided: the debts are those after the call, if it was allowed."""

    allowed: bool
    debts: Sequence[int]


def debt_now(state: State | None, limit: Limit, now_us: int) -> int:
    """What is left of a level. A clock that went back has not drained, and not filled either."""
    if state is None:
        return 0
    debt, at_us, value, unit_s = state
    if now_us > at_us:
        debt -= (now_us - at_us) * value
    if debt <= 0:
        return 0
    if value != limit.value or unit_s != limit.unit_s:
        return _rescaled(debt, value, unit_s, limit.value, limit.unit_s)
    return debt


def _rescaled(debt: int, value: int, unit_s: int, new_value: int, new_unit_s: int) -> int:
    """The same share of the new largest debt; by the way that never leaves what is exact."""
    if new_value * unit_s * _SECOND < EXACT:
        return _times(_times(debt, new_value, value), new_unit_s, unit_s)
    return _times(_times(debt, new_unit_s, unit_s), new_value, value)


def _times(debt: int, by: int, of: int) -> int:
    """debt * by / of, rounded up."""
    return -(-debt * by // of)


def decide(
    states: Sequence[State | None], limits: Sequence[Limit], now_us: int
) -> tuple[Outcome, list[State | None]]:
    """Whether the call fits all of the limits, and what to keep: every level changes, or none.

    What is None may stay as it was kept.
    """
    debts, allowed = [], True
    for state, limit in zip(states, limits, strict=True):
        debt = 0 if state is None else debt_now(state, limit, now_us)
        allowed = allowed and debt <= limit.room_us
        debts.append(debt)
    kept: list[State | None] = []
    for number, limit in enumerate(limits):
        state = states[number]
        if allowed:
            debts[number] += limit.unit_us
        elif state is None or not _is_off(state, limit, now_us):
            kept.append(None)
            continue
        kept.append(State(debts[number], now_us, limit.value, limit.unit_s))
    return Outcome(allowed, debts), kept


def _is_off(state: State, limit: Limit, now_us: int) -> bool:
    """Whether it would drain wrongly if it were left: by another limit, or not before its time."""
    return (state.value, state.unit_s) != (limit.value, limit.unit_s) or state.at_us > now_us


@dataclass(frozen=True)
class Standing:
    """How a caller stands with one limit."""

    limit: Limit
    debt: int

    @property
    def remaining(self) -> int:
        """Calls that would be allowed at once."""
        return max(0, self.limit.value - -(-self.debt // self.limit.unit_us))

    @property
    def wait_us(self) -> int:
        """Until one more call fits."""
        return max(0, -(-(self.debt - self.limit.room_us) // self.limit.value))

    @property
    def reset_us(self) -> int:
        """Until all is as if there had never been a call."""
        return -(-self.debt // self.limit.value)


@dataclass(frozen=True)
class Verdict:
    """Whether a call may go on, and how its caller stands with the limits it came under."""

    allowed: bool
    standings: tuple[Standing, ...]

    @property
    def wait_us(self) -> int:
        """The longest wait: after it the same call fits, if no other comes first."""
        return 0 if self.allowed else self.tightest.wait_us

    @property
    def tightest(self) -> Standing:
        """The limit that refuses longest; without a refusal the one with the fewest calls left."""
        if len(self.standings) == 1:
            return self.standings[0]
        if self.allowed:
            return min(self.standings, key=lambda each: (each.remaining, -each.reset_us))
        return max(self.standings, key=lambda each: each.wait_us)


def seconds(microseconds: int) -> int:
    """Rounded up: whoever waits so long has waited long enough."""
    return -(-microseconds // _SECOND)
