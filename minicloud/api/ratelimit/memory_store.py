"""Levels of one process, in its memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from minicloud.api.ratelimit.levels import Charge, Outcome, State, debt_now, decide

_SHARDS: Final = 256  # so that no table grows so large that making it larger takes a millisecond
_LOOKS: Final = 2  # old levels looked at for each that is written


class MemoryStore:
    """Forgets what has drained, a few levels at each call: no call pays for many."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        """`now_us`: microseconds since some moment."""
        self._now_us = now_us
        self._shards: list[OrderedDict[str, State]] = [OrderedDict() for _ in range(_SHARDS)]
        self._lock = threading.Lock()
        self._hand = 0

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def charge(self, charges: Sequence[Charge], version: int | None) -> Outcome:
        limits = [charge.limit for charge in charges]
        with self._lock:
            now_us = self._now_us()
            shards = [self._shard(key) for key, _ in charges]
            states = [shard.get(key) for shard, (key, _) in zip(shards, charges, strict=True)]
            outcome, kept = decide(states, limits, now_us)
            for shard, (key, _), state in zip(shards, charges, kept, strict=True):
                if state is not None:
                    shard[key] = state
                    self._sweep(now_us)
        return outcome

    def look(self, charges: Sequence[Charge]) -> Sequence[int]:
        with self._lock:
            now_us = self._now_us()
            return [debt_now(self._shard(key).get(key), limit, now_us) for key, limit in charges]

    def close(self) -> None:
        """Nothing is held open."""

    def _shard(self, key: str) -> OrderedDict[str, State]:
        return self._shards[hash(key) % _SHARDS]

    def _sweep(self, now_us: int) -> None:
        """Look at the next few levels in turn."""
        for _ in range(_LOOKS):
            self._hand = (self._hand + 1) % _SHARDS
            shard = self._shards[self._hand]
            if shard:
                key, state = shard.popitem(last=False)
                if state.empty_at_us > now_us:
                    shard[key] = state
