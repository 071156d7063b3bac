"""How far hosts may be filled by the allocation ratios that their aggregates name."""

import math

import numpy as np

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.memberships import Memberships


class Ratios:
    """The smallest number under a key of the host's aggregates; without one the host's own.

    `of`: "vcpus", "memory_mb" or "disk_gb".
    """

    def __init__(self, of: str, key: str) -> None:
        self._of, self._key = of, key

    def free(self, hosts: HostTable) -> Ints:
        limits = hosts.limit_at(self._of, hosts.aggregates.numbered(self._ratio))
        return limits - hosts.used(self._of)

    def free_at(self, hosts: HostTable, place: int) -> int:
        return self.limit(hosts, place) - int(hosts.used(self._of)[place])

    def limit(self, hosts: HostTable, place: int) -> int:
        ratio = np.array([self._ratio(hosts.aggregates.at(place))])
        return int(hosts.limit_at(self._of, ratio, slice(place, place + 1))[0])

    def _ratio(self, aggregates: Memberships) -> float:
        return aggregates.least(self._key, math.nan)
