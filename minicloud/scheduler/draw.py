"""Drawing hosts from classes that were weighed, as they would be drawn one by one."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np

from minicloud.runtime.dice import Dice
from minicloud.scheduler.hosts import Floats, Ints
from minicloud.scheduler.select import SAME

_TRIES = 8  # before all members of a row are looked at
Members = Callable[[int], Sequence[int]]  # of a row: the places of its hosts


class Draw:
    """`weight`: of each row, minus infinity where its hosts may not be taken; `counts`: its hosts.

    Each draw is among the `subset` best hosts that are left, which are all those that tie for
    best, if these are more. `apart`: places that `members` has and `counts` leaves out.
    """

    def __init__(
        self,
        weight: Floats,
        counts: Ints,
        members: Members,
        subset: int,
        dice: Dice,
        apart: Collection[int] = (),
    ) -> None:
        self._weight, self._counts, self._members = weight, counts, members
        self._subset, self._dice, self._apart = subset, dice, apart
        self._drawn: dict[int, set[int]] = {}  # row -> places

    def hosts(self, most: int) -> list[int]:
        """So many different places, if there are so many, the best first."""
        found: list[int] = []
        spent: list[tuple[int, float]] = []  # rows of which all hosts were drawn
        lot = self._lot()
        while lot.sizes.size and len(found) < most:
            row = lot.drawn(self._dice)
            drawn = self._drawn.setdefault(row, set())
            found.append(self._member(row, drawn))
            drawn.add(found[-1])
            if len(drawn) == self._counts[row]:
                spent.append((row, float(self._weight[row])))
                self._weight[row] = -np.inf
            if len(found) < most:
                lot = self._next(lot, row)
        for row, weight in spent:
            self._weight[row] = weight
        return found

    def _next(self, lot: "_Lot", row: int) -> "_Lot":
        """What is left of those that tie for best, if any are."""
        if self._subset > 1 or (lot.sizes.size == 1 and lot.sizes[0] == 1):
            return self._lot()
        left = lot.without(row)
        return left if left.sizes.size else self._lot()

    def _lot(self) -> "_Lot":
        """What the next draw is from."""
        top = self._weight.max(initial=-np.inf)
        if top == -np.inf:
            return _Lot(np.zeros(0, np.int64), np.zeros(0, np.int64))
        best = np.flatnonzero(self._weight >= top - SAME)
        sizes = self._left(best)
        if (missing := self._subset - int(sizes.sum())) <= 0:
            return _Lot(best, sizes)
        more = self._behind(best.size, missing)
        return _Lot(
            np.concatenate([best, more]), np.append(sizes, _cut(self._left(more), missing))
        )

    def _behind(self, first: int, wanted: int) -> Ints:
        """The next best rows behind the first ones, as many as may be needed for so many hosts."""
        last = min(first + wanted, self._weight.size)
        best = np.argpartition(-self._weight, last - 1)[:last]
        rows = best[np.argsort(-self._weight[best], kind="stable")][first:]
        return np.asarray(rows[self._weight[rows] > -np.inf])

    def _left(self, rows: Ints) -> Ints:
        """How many hosts of each were not drawn yet."""
        sizes = self._counts[rows]
        for row, drawn in self._drawn.items():
            sizes = sizes - len(drawn) * (rows == row)
        return sizes

    def _member(self, row: int, drawn: Collection[int]) -> int:
        """Any host of the row that was not drawn yet."""
        members = self._members(row)
        for _try in range(_TRIES):
            place = members[self._dice.randrange(len(members))]
            if place not in drawn and (place not in self._apart or len(members) == 1):
                return place
        left = [place for place in members if not (place in drawn or place in self._apart)]
        return left[self._dice.randrange(len(left))]


class _Lot(NamedTuple):
    """Rows, and how many hosts of each may be drawn."""

    rows: Ints
    sizes: Ints

    def drawn(self, dice: Dice) -> int:
        """A row, as likely as it has hosts."""
        if self.rows.size == 1:
            return int(self.rows[0])
        ends = np.cumsum(self.sizes)
        at = dice.randrange(int(ends[-1]))
        return int(self.rows[np.searchsorted(ends, at, side="right")])

    def without(self, row: int) -> "_Lot":
        """One host less."""
        sizes = self.sizes - (self.rows == row)
        left = sizes > 0
        return _Lot(self.rows[left], sizes[left])


def _cut(sizes: Ints, most: int) -> Ints:
    """The first so many of all hosts."""
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.clip(most - before, 0, sizes))
