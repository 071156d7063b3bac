"""Hosts without too many instances."""

from collections.abc import Mapping

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.columns import MOST
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_KEY = "max_instances_per_host"


class NumInstancesFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._most: int = conf.filter_scheduler.max_instances_per_host

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.num_instances < self._most

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return self._measure(hosts, place, self._most)

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"num_instances": np.full_like(hosts.num_instances[places], self._most)}

    def _measure(self, hosts: HostTable, place: int, most: float) -> Measure:
        return Measure(f"fewer than {most:g} instances", f"{hosts.num_instances[place]}")


class AggregateNumInstancesFilter(NumInstancesFilter):
    """The same, where aggregates may say how many are too many: the smallest number counts."""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        most = hosts.aggregates.numbered(self._allowed)
        return np.asarray(hosts.num_instances < most)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return self._measure(hosts, place, self._allowed(hosts.aggregates.at(place)))

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        most = hosts.aggregates.numbered(self._allowed, places)
        return {"num_instances": np.clip(most, -1, MOST).astype(np.int64)}

    def _allowed(self, aggregates: Memberships) -> float:
        return aggregates.least(_KEY, self._most, int)
