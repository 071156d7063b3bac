"""Drawing hosts from classes that were weighed, as they would be drawn one by one."""

from collections.abc import Callable, Collection, Sequence

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
        rows = self._rows()
        while rows and len(found) < most:
            row = self._one_of(rows)
            drawn = self._drawn.setdefault(row, set())
            found.append(self._member(row, drawn))
            drawn.add(found[-1])
            if len(drawn) == self._counts[row]:
                spent.append((row, float(self._weight[row])))
                self._weight[row] = -np.inf
            if len(found) < most and not self._is_enough(rows, drawn):
                rows = self._rows()
        for row, weight in spent:
            self._weight[row] = weight
        return found

    def _is_enough(self, rows: Sequence[tuple[int, int]], drawn: Collection[int]) -> bool:
        """Whether the next draw is from the same rows: one that has far more hosts than needed."""
        return len(rows) == 1 and rows[0][1] - len(drawn) > self._subset

    def _rows(self) -> list[tuple[int, int]]:
        """The rows to draw from, and how many hosts of each are in the lot."""
        top = self._weight.max(initial=-np.inf)
        if top == -np.inf:
            return []
        best = np.flatnonzero(self._weight >= top - SAME).tolist()
        rows = [(row, self._left(row)) for row in best]
        if sum(count for _row, count in rows) >= self._subset:
            return rows
        return rows + self._more(self._subset - sum(c for _r, c in rows), best)

    def _more(self, wanted: int, best: Collection[int]) -> list[tuple[int, int]]:
        """Of the rows behind the best, the next ones with so many hosts."""
        rows = []
        for row in np.argsort(-self._weight, kind="stable")[len(best) :].tolist():
            if wanted <= 0 or self._weight[row] == -np.inf:
                break
            rows.append((row, min(self._left(row), wanted)))
            wanted -= self._left(row)
        return rows

    def _left(self, row: int) -> int:
        return int(self._counts[row]) - len(self._drawn.get(row, ()))

    def _one_of(self, rows: Sequence[tuple[int, int]]) -> int:
        at = self._dice.randrange(sum(count for _row, count in rows))
        for row, count in rows:
            at -= count
            if at < 0:
                return row
        return rows[-1][0]

    def _member(self, row: int, drawn: Collection[int]) -> int:
        """Any host of the row that was not drawn yet."""
        members = self._members(row)
        for _try in range(_TRIES):
            place = members[self._dice.randrange(len(members))]
            if place not in drawn and (place not in self._apart or len(members) == 1):
                return place
        left = [place for place in members if not (place in drawn or place in self._apart)]
        return left[self._dice.randrange(len(left))]
