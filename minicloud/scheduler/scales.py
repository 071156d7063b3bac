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

    def ask(self, rows: HostTable, request: Request) -> bool:
        """Of more classes. Whether every weigher could say something of each."""
        first, self.size = self.size, self.size + len(rows)
        while self.size > self.raw.shape[1]:
            self.raw = np.concatenate([self.raw, np.zeros_like(self.raw)], axis=1)
            self.multiplier = np.concatenate([self.multiplier, self.multiplier], axis=1)
        new = slice(first, self.size)
        for row, weigher in enumerate(self.weighers):
            try:
                multiplier, raw = raw_of(rows, request, weigher)
            except Exception:  # it is told where hosts are looked at one by one
                return False
            self.raw[row, new] = clipped(raw, weigher)
            self.multiplier[row, new] = multiplier
        return bool(np.isfinite(self.raw[:, new]).all())


class Bounds:
    """Between which a kind of request finds the values of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._least = np.array([_or_nan(w.minimum) for w in sheet.weighers])
        self._most = np.array([_or_nan(w.maximum) for w in sheet.weighers])
        self._low = np.full(len(sheet.weighers), np.inf)
        self._high = np.full(len(sheet.weighers), -np.inf)

    def moved(self, is_on: Mask, came: Ints, gone: Ints) -> bool:
        """Bring them up to date; whether they are others."""
        raw, low, high = self._sheet.raw, self._low, self._high
        if came.size:
            values = raw[:, came]
            low = np.minimum(low, values.min(axis=1))
            high = np.maximum(high, values.max(axis=1))
        if gone.size:
            values = raw[:, gone]
            at_bound = (values.min(axis=1) <= self._low) | (values.max(axis=1) >= self._high)
            for row in np.flatnonzero(at_bound).tolist():
                on = raw[row, : len(is_on)][is_on]
                low[row], high[row] = on.min(initial=np.inf), on.max(initial=-np.inf)
        low = np.where(np.isnan(self._least), low, self._least)
        high = np.where(np.isnan(self._most), high, self._most)
        is_moved = bool((low != self._low).any() or (high != self._high).any())
        self._low, self._high = low, high
        return is_moved

    def add(self, numbers: Ints, total: Floats) -> None:
        """What the weighers add to the weights of these classes; nothing where all are equal."""
        span = self._high - self._low
        for row in np.flatnonzero(span > 0).tolist():
            normalised = (self._sheet.raw[row, numbers] - self._low[row]) / span[row]
            total += self._sheet.multiplier[row, numbers] * normalised


def _or_nan(bound: float | None) -> float:
    return np.nan if bound is None else bound
