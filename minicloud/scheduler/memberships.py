"""The aggregates of a host, as filters and weighers ask about them."""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property


class Memberships:
    """The aggregates that some hosts are in: the metadata of each."""

    def __init__(self, metadata: Iterable[Mapping[str, str]] = ()) -> None:
        self.metadata = tuple(metadata)

    @cached_property
    def _values(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for meta in self.metadata:
            for key, text in meta.items():
                found.setdefault(key, set()).update(each.strip() for each in text.split(","))
        return {key: frozenset(values) for key, values in found.items()}

    def names(self) -> Iterable[str]:
        return self._values

    def values(self, key: str) -> frozenset[str]:
        """The values of a key over all of them, each split at its commas; empty: no such key."""
        return self._values.get(key, frozenset())

    def told(self, key: str) -> str:
        """The values of a key for people."""
        return ", ".join(sorted(self.values(key))) or "nothing"

    def least(self, key: str, otherwise: float) -> float:
        """The smallest number under a key; what is no number is passed over (SEMANTICS 7)."""
        return min(self._numbers(key), default=otherwise)

    def zone(self, key: str, otherwise: str) -> str:
        """The zone that they make; a host is in at most one."""
        return next((meta[key] for meta in self.metadata if key in meta), otherwise)

    def _numbers(self, key: str) -> list[float]:
        numbers = []
        for text in self.values(key):
            with suppress(ValueError):
                numbers.append(float(text))
        return [number for number in numbers if math.isfinite(number)]
