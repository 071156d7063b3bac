"""Equivalence classes of hosts: those that are alike in every fact that a filter may look at.

A class never changes; hosts go from one to another as they change. So what a filter or weigher
says of a class is true for as long as there is the class, and is worked out once.
"""

from typing import Final

import numpy as np

from minicloud.scheduler.hosts import HostTable, Ints

_WASTE: Final = 4096  # classes without hosts that are kept at least
_MOST_TURNS: Final = 1_000_000  # that are remembered


class Classes:
    """Those of one table. `epoch` changes when they are numbered anew.

    `facts`: a column a class; `counts`: its hosts; `turned`: the numbers of those that got their
    first host or lost their last one, in order; a class that is new is among them.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self._seen: tuple[int, int] | None = None  # the table and its epoch
        self._clear(HostTable())

    def __len__(self) -> int:
        return len(self._members)

    @property
    def facts(self) -> Ints:
        return self._facts[:, : len(self)]

    @property
    def counts(self) -> Ints:
        return self._counts[: len(self)]

    def members(self, number: int) -> list[int]:
        """The places of the hosts in a class."""
        return self._members[number]

    def class_of(self, place: int) -> int:
        return self._class_of[place]

    def sync(self, table: HostTable) -> None:
        """Take over what has changed in the table."""
        seen = (id(table), table.epoch)
        wasted = len(self) > 2 * (self._alive + _WASTE) or len(self.turned) > _MOST_TURNS
        if seen != self._seen or wasted:
            table.drain()
            self._clear(table)
            self._seen = seen
            self._put(table, list(range(len(table))))
        else:
            self._put(table, table.drain())

    def _clear(self, table: HostTable) -> None:
        self.epoch += 1
        self._numbers: dict[bytes, int] = {}
        self._facts = np.zeros((table.facts_at([]).shape[0], 1024), np.int64)
        self._counts = np.zeros(1024, np.int64)
        self._members: list[list[int]] = []
        self._class_of: list[int] = []
        self._slot: list[int] = []  # of a place among the members of its class
        self._alive = 0
        self.turned: list[int] = []

    def _put(self, table: HostTable, places: list[int]) -> None:
        if not places:
            return
        missing = len(table) - len(self._class_of)
        self._class_of += [-1] * missing
        self._slot += [-1] * missing
        rows = np.ascontiguousarray(table.facts_at(places).T)
        for at, place in enumerate(places):
            key = rows[at].tobytes()
            number = self._numbers.get(key)
            if number is None:
                number = self._new(key, rows[at])
            if number != self._class_of[place]:
                self._move(place, number)

    def _new(self, key: bytes, facts: Ints) -> int:
        number = self._numbers[key] = len(self._members)
        self._members.append([])
        if number == len(self._counts):
            self._facts = np.concatenate([self._facts, np.zeros_like(self._facts)], axis=1)
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        self._facts[:, number] = facts
        return number

    def _move(self, place: int, number: int) -> None:
        before = self._class_of[place]
        if before >= 0:
            self._leave(place, before)
        members = self._members[number]
        self._class_of[place], self._slot[place] = number, len(members)
        members.append(place)
        self._counts[number] += 1
        if len(members) == 1:
            self._alive += 1
            self.turned.append(number)

    def _leave(self, place: int, number: int) -> None:
        """The last member takes the place of the one that goes."""
        members = self._members[number]
        last = members.pop()
        if last != place:
            members[self._slot[place]] = last
            self._slot[last] = self._slot[place]
        self._counts[number] -= 1
        if not members:
            self._alive -= 1
            self.turned.append(number)
