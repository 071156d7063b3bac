"""What one kind of request makes of all classes of hosts, kept while the hosts change."""

from typing import Final

import numpy as np

from minicloud.scheduler.classes import Classes
from minicloud.scheduler.hosts import Floats, HostTable, Ints
from minicloud.scheduler.plugins import Weigher
from minicloud.scheduler.request import Request
from minicloud.scheduler.rows import Rows
from minicloud.scheduler.scales import Bounds, Sheet
from minicloud.scheduler.select import Rules, passing

_NOWHERE: Final = -np.inf


class Standing:
    """`weight`: of each class, minus infinity where its hosts may not be taken.

    Classes are asked about once, when they are new. The weights change when a class gets its first
    host or loses its last one: its own, and all of them where that moves the bounds between which
    a weigher's values are normalised.

    `common`: what weighers say whatever the request. `is_possible`: classes can be told apart by
    their facts alone; where they cannot, hosts have to be looked at one by one.
    """

    def __init__(self, classes: Classes, common: Sheet, rules: Rules) -> None:
        self.is_possible = True
        self.epoch = classes.epoch
        self._classes, self._rules = classes, rules
        self._own = Sheet([w for _name, w in rules.weighers if _asks(w)])
        self._bounds = [Bounds(sheet) for sheet in (common, self._own) if sheet.weighers]
        self._seen: int | None = None  # turns of classes; None: all are to be looked at
        self._size = 0  # classes asked about
        self._passes = np.zeros(0, np.bool_)
        self._is_on = np.zeros(0, np.bool_)
        self._weight = np.zeros(0)

    @property
    def weight(self) -> Floats:
        return self._weight[: self._size]

    def sync(self, table: HostTable, request: Request) -> None:
        """Take over what has become of the classes; `request` is any of this kind."""
        if self._size < len(self._classes):
            self._ask(table, request)
        turned = self._classes.turned
        if self.is_possible and self._seen is None:
            self._turn(np.arange(self._size))
        elif self.is_possible and self._seen != len(turned):
            self._turn(np.unique(np.array(turned[self._seen :], np.int64)))
        self._seen = len(turned)

    def _ask(self, table: HostTable, request: Request) -> None:
        """What is said of the classes that are new."""
        first, self._size = self._size, len(self._classes)
        self._reserve()
        rows = Rows(table, self._classes.facts[:, first:])
        passes = passing(rows, request, self._rules)
        self.is_possible = (
            passes is not None and self._own.ask(rows, request) and not rows.is_blind
        )
        if self.is_possible:
            self._passes[first : self._size] = passes

    def _reserve(self) -> None:
        if self._size > len(self._passes):
            more = max(self._size, 1024)
            self._passes = np.concatenate([self._passes, np.zeros(more, np.bool_)])
            self._is_on = np.concatenate([self._is_on, np.zeros(more, np.bool_)])
            self._weight = np.concatenate([self._weight, np.full(more, _NOWHERE)])

    def _turn(self, numbers: Ints) -> None:
        """These classes may have got their first host, or lost their last one."""
        on = self._passes[numbers] & (self._classes.counts[numbers] > 0)
        was = self._is_on[numbers]
        came, gone = numbers[on & ~was], numbers[was & ~on]
        if not (came.size or gone.size):
            return
        self._is_on[came], self._is_on[gone] = True, False
        is_on = self._is_on[: self._size]
        moved = [bounds.moved(is_on, came, gone) for bounds in self._bounds]
        if any(moved):
            came = np.flatnonzero(is_on)
        self._weight[gone] = _NOWHERE
        self._weight[came] = self._weights(came)

    def _weights(self, numbers: Ints) -> Floats:
        total = np.zeros(len(numbers))
        for bounds in self._bounds:
            bounds.add(numbers, total)
        return total


def _asks(weigher: Weigher) -> bool:
    """Whether a weigher looks at requests that name no hosts."""
    return not (_is_common(weigher) or getattr(weigher, "is_of_names", False))


def _is_common(weigher: Weigher) -> bool:
    return bool(getattr(weigher, "is_of_host", False))


def common_of(rules: Rules) -> Sheet:
    """For the weighers that do not look at requests."""
    return Sheet([weigher for _name, weigher in rules.weighers if _is_common(weigher)])
