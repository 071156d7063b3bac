"""The aggregates of a host, as filters and weighers ask about them."""

import math
from collections.abc import Callable, Iterable, Mapping
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

    def least(self, key: str, otherwise: float, number: Callable[[str], float] = float) -> float:
        """The smallest number under a key, each aggregate's value taken whole; the other one when
        none has the key or what one of them says is no number, as in Nova."""
        try:
            found = [number(meta[key]) for meta in self.metadata if key in meta]
        except ValueError:
            return otherwise
        return min(found, default=otherwise) if all(map(math.isfinite, found)) else otherwise

    def zone(self, key: str, otherwise: str) -> str:
        """The zone that they make; a host is in at most one."""
        return next((meta[key] for meta in self.metadata if key in meta), otherwise)
