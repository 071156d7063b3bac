"""Levels are exact: held to an oracle in fractions, over what callers and operators may do."""

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minicloud.api.ratelimit.levels import Charge, State, debt_now, decide
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.runtime.clock import SystemClock
from tests.limits_oracle import NAMES, Play, numbers, of, steps


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({name: numbers() for name in NAMES}), steps())
def test_the_memory_store_decides_as_the_oracle(given: Any, happens: Any) -> None:
    Play(MemoryStore, given).run(happens)


def test_novas_example() -> None:
    """10 a minute: the eleventh at once is refused, with a delay of 6 s; then one passes."""
    limit, state = of("a", 10, 60), None
    for _ in range(10):
        outcome, (state,) = decide([state], [limit], 0)
        assert outcome.allowed

    assert not decide([state], [limit], 0)[0].allowed
    assert not decide([state], [limit], 5_999_999)[0].allowed
    outcome, (state,) = decide([state], [limit], 6_000_000)
    assert outcome.allowed
    assert not decide([state], [limit], 6_000_000)[0].allowed


def test_a_full_limit_stays_full_and_an_empty_one_empty_when_it_is_changed() -> None:
    for old, new in (((10, 60), (3, 60)), ((3, 60), (7, 3600)), ((2**26, 100), (1, 86400 * 366))):
        full = State(old[0] * old[1] * 10**6, 5, *old)
        limit = of("a", *new)

        assert debt_now(full, limit, 5) == limit.unit_us * limit.value
        assert debt_now(State(0, 5, *old), limit, 5) == 0


@pytest.mark.parametrize("jump_s", [1, 60, 3600, 10**6])
def test_a_clock_that_goes_back_locks_nobody_out(jump_s: int) -> None:
    limit, later = of("a", 10, 60), 10**15
    state: State | None = None
    for _ in range(10):
        _, (state,) = decide([state], [limit], later)
    now = later - jump_s * 10**6

    refused, (kept,) = decide([state], [limit], now)
    allowed, _ = decide([kept or state], [limit], now + 6_000_000)

    assert (refused.allowed, allowed.allowed) == (False, True)


def test_a_refused_call_leaves_every_level_as_it_was() -> None:
    full, empty = of("a", 1, 60), of("b", 5, 60)
    _, (state,) = decide([None], [full], 0)

    outcome, kept = decide([state, None], [full, empty], 1)

    assert not outcome.allowed
    assert kept == [None, None]
    assert outcome.debts == [60_000_000 - 1, 0]


class Polite(OrderedDict[str, State]):
    """Lets other threads go first between reading and writing."""

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        SystemClock().sleep(0)
        return found


def test_threads_that_race_get_exactly_the_limit() -> None:
    store = MemoryStore(lambda: 1)
    store._shards = [Polite() for _ in store._shards]
    charges = [Charge("a", of("a", 37, 60)), Charge("b", of("b", 1000, 60))]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: store.charge(charges, None), range(500)))

    assert sum(outcome.allowed for outcome in outcomes) == 37
    assert store.look(charges)[1] == 37 * 60_000_000


def test_memory_forgets_what_has_drained_and_nothing_else() -> None:
    now = [0]
    store = MemoryStore(lambda: now[0])
    quick, slow = of("q", 1, 1), of("s", 1, 86400)
    for n in range(2000):
        store.charge([Charge(f"slow {n}", slow)], None)
        store.charge([Charge(f"quick {n}", quick)], None)
    assert len(store) > 2000
    now[0] = 2_000_000

    for _ in range(6000):
        store.charge([Charge("busy", of("b", 10**4, 60))], None)

    assert len(store) == 2001
    assert all(debt for debt in store.look([Charge(f"slow {n}", slow) for n in range(2000)]))


def test_memory_stays_bounded_by_what_has_not_drained() -> None:
    now = [0]
    store = MemoryStore(lambda: now[0])
    limit = of("a", 1, 1)
    most = 0
    for n in range(20_000):
        now[0] += 10_000  # 100 callers a second, each gone after a second
        store.charge([Charge(str(n), limit)], None)
        most = max(most, len(store)) if n % 100 == 0 else most

    assert most < 800


def test_one_call_never_looks_at_many_old_levels() -> None:
    now = [0]
    store = MemoryStore(lambda: now[0])
    limit = of("a", 1, 1)
    for n in range(5000):
        store.charge([Charge(str(n), limit)], None)
    now[0] = 5_000_000

    before = len(store)
    store.charge([Charge("one", limit)], None)

    assert before - len(store) <= 2
