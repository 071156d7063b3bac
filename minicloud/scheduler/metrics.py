"""What hosts measure of themselves, as columns."""

from collections.abc import Mapping, Sequence

import numpy as np

from minicloud.scheduler.columns import Floats


class Metrics:
    """A column for each metric that any host tells; NaN where a host does not."""

    def __init__(self) -> None:
        self._columns: dict[str, Floats] = {}
        self._size = 0

    def grow(self, count: int) -> None:
        self._size += count
        for name, column in self._columns.items():
            self._columns[name] = np.concatenate([column, np.full(count, np.nan)])

    def copy(self) -> "Metrics":
        other = Metrics()
        other._size = self._size
        other._columns = {name: column.copy() for name, column in self._columns.items()}
        return other

    def at(self, places: Sequence[int]) -> "Metrics":
        """Those of some hosts."""
        other = Metrics()
        other._size = len(places)
        other._columns = {name: column[places] for name, column in self._columns.items()}
        return other

    def put(self, place: int, told: Mapping[str, float] | None) -> None:
        """What one host tells now; None: nothing."""
        told = told or {}
        for name in told.keys() - self._columns.keys():
            self._columns[name] = np.full(self._size, np.nan)
        for name, column in self._columns.items():
            column[place] = told.get(name, np.nan)

    def told(self, place: int) -> dict[str, float]:
        """What one host tells."""
        columns = self._columns.items()
        return {name: float(c[place]) for name, c in columns if not np.isnan(c[place])}

    def column(self, name: str) -> Floats:
        """The values of a metric, for every host."""
        return self._columns.get(name, np.full(self._size, np.nan))
