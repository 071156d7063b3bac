"""A store in this process whose time is a hand clock's: many connections, one shelf."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from minicloud.runtime.loop import Loop
from minicloud.servicegroup.address import Address
from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.keeper import Keeper
from minicloud.servicegroup.stores.base import Found, Store
from tests.hand_clock import HandClock
from tests.options import defaults

TTL_S = 10.0


@dataclass
class Place:
    entry: Entry
    until: float
    version: int


@dataclass
class Shelf:
    """What all connections see. `away`: no connection reaches it; `writes` counts."""

    clock: HandClock
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    mark: int = 1
    away: bool = False
    writes: int = 0

    def forget(self) -> None:
        """As a cache that was started again."""
        self.places.clear()
        self.mark += 1


class ShelfStore(Store):
    def __init__(self, shelf: Shelf, ttl_s: float = TTL_S) -> None:
        address = Address("shelf", "shelf://", "shelf://here")
        super().__init__(address, ttl_s, defaults(), shelf.clock)
        self._shelf = shelf

    def _coordinator(self, member: bytes) -> Any:
        return None

    def _create(self, group: str) -> None:
        """There is nothing to make."""

    @contextmanager
    def _reached(self) -> Iterator[None]:
        with super()._reached():
            if self._shelf.away:
                raise OSError("away")
            yield

    def _get(self, group: str, key: str) -> Found:
        place = self._shelf.places.get((group, key))
        if place is None or place.until <= self._shelf.clock.monotonic():
            return Found(None, None)
        return Found(place.entry, place.version)

    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        if self._get(group, key).version != instead_of.version:
            return False
        self._shelf.writes += 1
        until = self._shelf.clock.monotonic() + self.ttl_s
        self._shelf.places[group, key] = Place(entry, until, self._shelf.writes)
        return True

    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        self._shelf.writes += 1
        self._shelf.places[group, key].until = self._shelf.clock.monotonic() + for_s
        return True

    def _remove(self, group: str, key: str, found: Found) -> None:
        self._shelf.writes += 1
        del self._shelf.places[group, key]

    def _read(self, group: str) -> Reading:
        here = [key for where, key in self._shelf.places if where == group]
        found = {key: self._get(group, key).entry for key in here}
        return Reading({key: one for key, one in found.items() if one}, self._shelf.mark)


class Still(Loop):
    """Steps when the test says so."""

    def start(self) -> None:
        """No thread."""


def keeper(shelf: Shelf, name: str, period_s: float = 1.0) -> Keeper:
    made = Keeper(ShelfStore(shelf), name, f"owner of {name}", period_s, shelf.clock)
    made.loop = Still(name, made.step, 1.0, shelf.clock)
    return made
