"""How far hosts may be filled by the allocation ratios that their aggregates name."""

import math

from minicloud.scheduler.columns import ALL
from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.memberships import Memberships


class Ratios:
    """The smallest number under a key of the host's aggregates; without one the host's own.

    `of`: "vcpus", "memory_mb" or "disk_gb".
    """

    def __init__(self, of: str, key: str) -> None:
        self._of, self._key = of, key

    def free(self, hosts: HostTable, places: slice = ALL) -> Ints:
        return self.limits(hosts, places) - hosts.used(self._of)[places]

    def limits(self, hosts: HostTable, places: slice) -> Ints:
        ratios = hosts.aggregates.numbered(self._ratio, places)
        return hosts.limit_at(self._of, ratios, places)

    def _ratio(self, aggregates: Memberships) -> float:
        return aggregates.least(self._key, math.nan)
