"""Our rate limits beside those of the library `limits`: the cost of a decision, and its truth."""

import statistics
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

from limits import RateLimitItem, RateLimitItemPerSecond, strategies
from limits.storage import MemoryStorage, RedisStorage

from minicloud.api.ratelimit.levels import Charge
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.redis_store import RedisStore, client_of
from minicloud.api.ratelimit.store import Store
from minicloud.api.ratelimit.table import LimitTable
from minicloud.runtime.clock import SystemClock
from tools.bench.cloud import say

Decide = Callable[[str], bool]  # for the caller of this name
CLOCK = SystemClock()
_STRATEGIES: dict[str, Any] = {
    "fixed": strategies.FixedWindowRateLimiter,
    "moving": strategies.MovingWindowRateLimiter,
    "sliding": strategies.SlidingWindowCounterRateLimiter,
}
_CALLERS = [f"caller-{n}" for n in range(1000)]
_MANY, _PER_S = 20, 1  # of accuracy
_UNIT_US = _PER_S * 1_000_000
_ARRIVALS_PER_S = 60


class Fixed:
    """A table that does not change."""

    where = "the benchmark"

    def __init__(self, *limits: Limit) -> None:
        self._table = LimitTable(limits)

    def table(self) -> LimitTable:
        return self._table

    def refresh(self) -> None: ...


def now_us() -> int:
    return time.monotonic_ns() // 1000


def ours(store: Store, value: int, unit_s: int) -> Decide:
    """The store alone, as the library is asked: limit and caller are known."""
    limit = Limit("one", frozenset(), "*", value, unit_s)
    return lambda who: store.charge([Charge(who, limit)], None).allowed


def whole(store: Store, value: int, unit_s: int) -> Decide:
    """From verb and path to the verdict, with ten limits of which two fit."""
    others = [Limit(f"o{n}", frozenset({"PUT"}), f"/o{n}/{{id}}", 1, 60) for n in range(8)]
    fitting = [
        Limit("all", frozenset({"POST"}), "*", value, unit_s),
        Limit("servers", frozenset({"POST"}), "/servers", value, unit_s),
    ]
    limiter = Limiter(Fixed(*others, *fitting), store, CLOCK)

    def decide(who: str) -> bool:
        verdict = limiter.charge(Caller(who, "project"), "POST", "/servers", ())
        return verdict is None or verdict.allowed

    return decide


def theirs(storage: Any, strategy: str, value: int, unit_s: int) -> Decide:
    limiter = _STRATEGIES[strategy](storage)
    item: RateLimitItem = RateLimitItemPerSecond(value, unit_s)
    return lambda who: limiter.hit(item, who)


def contenders(url: str | None, value: int, unit_s: int) -> dict[str, Decide]:
    """By name: whose, how, where."""
    prefix = f"bench-{uuid4().hex}"
    found = {
        "minicloud bucket memory": ours(MemoryStore(now_us), value, unit_s),
        "minicloud whole memory": whole(MemoryStore(now_us), value, unit_s),
    }
    for name in _STRATEGIES:
        found[f"limits {name} memory"] = theirs(MemoryStorage(), name, value, unit_s)
    if url is None:
        return found
    client = client_of(url, 5.0)
    found |= {
        "minicloud bucket redis": ours(RedisStore(client, prefix, CLOCK), value, unit_s),
        "minicloud whole redis": whole(RedisStore(client, f"{prefix}-w", CLOCK), value, unit_s),
    }
    for name in _STRATEGIES:
        storage = RedisStorage(url, key_prefix=f"{prefix}-{name}")
        found[f"limits {name} redis"] = theirs(storage, name, value, unit_s)
    return found


def decisions(url: str | None, rounds: int) -> Iterator[dict[str, Any]]:
    """Microseconds of processor and of time, for calls that are allowed and that are refused."""
    for case, value, unit_s in (("allowed", 1000, 60), ("refused", 1, 3600)):
        rivals = contenders(url, value, unit_s)
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in rivals}
        for decide in rivals.values():  # refused: the one call that is allowed, and warm caches
            for who in _CALLERS:
                decide(who)
        for turn in range(rounds):
            say(f"decisions, {case}: round {turn + 1} of {rounds}")
            for name, decide in rivals.items():
                calls = 2000 if name.endswith("redis") else 20_000
                costs[name].append(_timed(decide, calls))
        for name, figures in costs.items():
            cpu_us, wall_us = (statistics.median(each) for each in zip(*figures, strict=True))
            told = {"part": "decisions", "case": case} | _named(name)
            cost = {"cpu_us": round(cpu_us, 2), "wall_us": round(wall_us, 2)}
            yield told | cost | {"decisions_per_s": round(1e6 / wall_us)}


def _timed(decide: Decide, calls: int) -> tuple[float, float]:
    used, began = time.process_time(), time.perf_counter()
    for number in range(calls):
        decide(_CALLERS[number % len(_CALLERS)])
    used, took = time.process_time() - used, time.perf_counter() - began
    return used / calls * 1e6, took / calls * 1e6


def accuracy(url: str | None, seconds: float) -> Iterator[dict[str, Any]]:
    """The same arrivals in real time for all; each is held to the moments at which it was asked.

    `bucket` is what an exact leaky bucket accepts, `window` what an exact sliding window does;
    `most_in_a_window` is the most that was accepted within any one unit.
    """
    rivals = contenders(url, _MANY, _PER_S)
    asked: dict[str, list[tuple[int, bool]]] = {name: [] for name in rivals}
    say(f"accuracy: arrivals for {seconds:.0f} s")
    begin = now_us()
    for at in _arrivals(seconds):
        time.sleep(max(0.0, at - (now_us() - begin) / 1e6))
        for name, decide in rivals.items():
            moment = now_us()
            asked[name].append((moment, decide("caller")))
    for name, answers in asked.items():
        moments = [moment for moment, _ in answers]
        accepted = [moment for moment, yes in answers if yes]
        yield (
            {"part": "accuracy", "limit": f"{_MANY} per {_PER_S} s"}
            | _named(name)
            | {
                "arrivals": len(moments),
                "accepted": len(accepted),
                "bucket": bucket(moments),
                "window": window(moments),
                "most_in_a_window": most(accepted),
            }
        )


def _arrivals(seconds: float) -> Iterator[float]:
    """At random, and every second a burst."""
    chance, at = Random(1), 0.0
    for number in count():
        at += 0.0 if number % _ARRIVALS_PER_S < 15 else chance.expovariate(_ARRIVALS_PER_S * 0.75)
        if at > seconds:
            return
        yield at


def bucket(moments: Sequence[int]) -> int:
    """How many an exact leaky bucket accepts of those who come at these microseconds."""
    accepted, debt, last = 0, 0, moments[0]
    for moment in moments:
        debt, last = max(0, debt - (moment - last) * _MANY), moment
        if debt + _UNIT_US <= _UNIT_US * _MANY:
            debt, accepted = debt + _UNIT_US, accepted + 1
    return accepted


def window(moments: Sequence[int]) -> int:
    accepted: list[int] = []
    for moment in moments:
        if len(accepted) - bisect_right(accepted, moment - _UNIT_US) < _MANY:
            accepted.append(moment)
    return len(accepted)


def most(accepted: Sequence[int]) -> int:
    return max(
        number + 1 - bisect_right(accepted, moment - _UNIT_US)
        for number, moment in enumerate(accepted)
    )


def _named(name: str) -> dict[str, str]:
    return dict(zip(("library", "algorithm", "store"), name.split(), strict=True))
