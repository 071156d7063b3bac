"""Hosts that are alike, seen by filters and weighers as if they were one host."""

from collections.abc import Mapping, Sequence

import numpy as np

from minicloud.scheduler.addresses import Addresses
from minicloud.scheduler.contents import Contents, Tally
from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.metrics import Metrics


class Rows(HostTable):
    """A table whose rows are facts that some hosts of another one share.

    `singles`: the row of each host that a request may name; that row is of this host alone.
    `is_blind`: something was asked that is of one host only, such as a name. What was answered
    tells nothing then, and each host is to be asked for itself.
    """

    def __init__(
        self, table: HostTable, facts: Ints, singles: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(table._default_zone)
        self._kinds, self._sets = table._kinds, table._sets
        self._place = dict(singles or {})
        self._hold(facts)
        self.up, self.enabled = self.states(facts)
        self.lately = np.zeros(len(self), np.bool_)
        self.is_blind = False

    def _each(self) -> list[str]:
        self.is_blind = True
        return [""] * len(self)

    @property
    def names(self) -> list[str]:
        return self._each()

    @property
    def nodes(self) -> list[str]:
        return self._each()

    @property
    def host_ips(self) -> list[str]:
        return self._each()

    @property
    def addresses(self) -> Addresses:
        return Addresses(self._each())

    @property
    def metrics(self) -> Metrics:
        self.is_blind = True
        nothing = Metrics()
        nothing.grow(len(self))
        return nothing

    @property
    def contents(self) -> Contents:
        self.is_blind = True
        return super().contents

    def per_host(self, tally: Tally) -> Ints:
        self.is_blind = True
        return np.zeros(len(self), np.int64)

    def mask_of(self, hosts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return self._mask(hosts)
