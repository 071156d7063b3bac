"""What weighers say of classes of hosts, brought between bounds and summed up."""

from collections.abc import Sequence

import numpy as np

from minicloud.scheduler.hosts import Floats, HostTable, Ints, Mask
from minicloud.scheduler.plugins import Weigher
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import clipped, raw_of

_ROOM = 1024  # classes, at first


class Sheet:
    """The values and the multipliers of some weighers: a row a weigher, a column a class."""

    def __init__(self, weighers: Sequence[Weigher]) -> None:
        self.weighers = weighers
        self.size = 0
        self.raw = np.zeros((len(weighers), _ROOM))
        self.multiplier = np.zeros((len(weighers), _ROOM))
        self._is_flat = [True] * len(weighers)  # one multiplier for all

    def ask(self, rows: HostTable, request: Request) -> bool:
        """Of more classes. Whether every weigher could say something of each."""
        first, self.size = self.size, self.size + len(rows)
        while self.size > self.raw.shape[1]:
            self.raw = np.concatenate([self.raw, np.zeros_like(self.raw)], axis=1)
            self.multiplier = np.concatenate([self.multiplier, self.multiplier], axis=1)
        new = slice(first, self.size)
        for row, weigher in enumerate(self.weighers):
            try:
                multiplier, raw = raw_of(rows, request, weigher, are_all=False)
            except Exception:  # it is told where hosts are looked at one by one
                return False
            self.raw[row, new] = clipped(raw, weigher)
            self.multiplier[row, new] = multiplier
            self._is_flat[row] &= bool((multiplier == self.multiplier[row, 0]).all())
        return bool(np.isfinite(self.raw[:, new]).all())

    def multiplier_of(self, row: int, numbers: Ints) -> Floats:
        """Those of some classes, or of the first where they are all the same."""
        return self.multiplier[row, :1] if self._is_flat[row] else self.multiplier[row, numbers]


class Bounds:
    """Between which a kind of request finds the values of a sheet, and how many are at each."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._least = _Bound([w.minimum for w in sheet.weighers], -1)
        self._most = _Bound([w.maximum for w in sheet.weighers], 1)

    def moved(self, is_on: Mask, came: Ints, gone: Ints) -> bool:
        """Bring them up to date; whether they are others."""
        raw, bounds = self._sheet.raw, (self._least, self._most)
        before = [bound.values for bound in bounds]
        if came.size:
            values = raw[:, came]
            for bound in bounds:
                bound.add(values)
        if gone.size:
            values = raw[:, gone]
            for bound in bounds:
                for row in bound.remove(values):
                    bound.find(row, raw[row, : len(is_on)][is_on])
        return any((old != new.values).any() for old, new in zip(before, bounds, strict=True))

    def add(self, numbers: Ints, total: Floats) -> None:
        """What the weighers add to the weights of these classes; nothing where all are equal."""
        low = self._least.values
        span = self._most.values - low
        for row in np.flatnonzero(span > 0).tolist():
            normalised = (self._sheet.raw[row, numbers] - low[row]) / span[row]
            total += self._sheet.multiplier_of(row, numbers) * normalised


class _Bound:
    """The least value of each weigher (`sign` -1), or the largest (1), unless it is `fixed`."""

    def __init__(self, fixed: Sequence[float | None], sign: int) -> None:
        self._sign = sign
        self._free = np.flatnonzero([one is None for one in fixed])
        self.values = np.array([-sign * np.inf if one is None else one for one in fixed])
        self._counts = np.zeros(len(self._free), np.int64)  # of the classes that are there

    def add(self, values: Floats) -> None:
        """`values`: a row a weigher."""
        free = values[self._free]
        best = free.max(axis=1) if self._sign > 0 else free.min(axis=1)
        is_better = self._sign * best > self._sign * self.values[self._free]
        self.values = self.values.copy()
        self.values[self._free[is_better]] = best[is_better]
        self._counts[is_better] = 0
        self._counts += self._at(free)

    def remove(self, values: Floats) -> list[int]:
        """The rows for which none is left at the bound."""
        self._counts -= self._at(values[self._free])
        return [int(row) for row in self._free[self._counts <= 0]]

    def _at(self, free: Floats) -> Ints:
        return np.asarray(np.count_nonzero(free == self.values[self._free, None], axis=1))

    def find(self, row: int, values: Floats) -> None:
        """Look for it among all values of a weigher that are left."""
        best = values.max(initial=-np.inf) if self._sign > 0 else values.min(initial=np.inf)
        self.values = self.values.copy()
        self.values[row] = best
        self._counts[self._free == row] = np.count_nonzero(values == best)
