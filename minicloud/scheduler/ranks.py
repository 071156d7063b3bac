"""Names in their order as numbers, so that a text is compared with all of them at once."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt


class Ranking:
    """Columns of names, each name as its place among all different ones of all columns.

    The place n stands as 2n + 1: a text that is no name is an even number in between.
    """

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._names = sorted({name for names in columns.values() for name in names})
        place = {name: 2 * n + 1 for n, name in enumerate(self._names)}
        self._columns = {
            key: np.fromiter((place[name] for name in names), np.int64, len(names))
            for key, names in columns.items()
        }

    def column(self, key: str) -> npt.NDArray[np.int64]:
        return self._columns[key]

    def of(self, text: str) -> int:
        n = bisect_left(self._names, text)
        return 2 * n + (n < len(self._names) and self._names[n] == text)


class Ranks:
    """Rankings of columns, those that are asked for, made once."""

    def __init__(self, columns: Callable[[str], Sequence[str]]) -> None:
        self._columns = columns
        self._made: dict[frozenset[str], Ranking] = {}

    def of(self, *keys: str) -> Ranking:
        """One for these columns together."""
        wanted = frozenset(keys)
        if wanted not in self._made:
            self._made[wanted] = Ranking({key: self._columns(key) for key in wanted})
        return self._made[wanted]
