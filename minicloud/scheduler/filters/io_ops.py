"""Hosts that are not busy with disk-heavy work."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_KEY = "max_io_ops_per_host"


class IoOpsFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._most: int = conf.filter_scheduler.max_io_ops_per_host

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.num_io_ops < self._most

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return self._measure(hosts, place, self._most)

    def _measure(self, hosts: HostTable, place: int, most: float) -> Measure:
        return Measure(f"fewer than {most:g} busy", f"{hosts.num_io_ops[place]} busy")


class AggregateIoOpsFilter(IoOpsFilter):
    """The same, where aggregates may say how much is too much: the smallest number counts."""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        most = hosts.aggregates.numbered(self._allowed)
        return np.asarray(hosts.num_io_ops < most)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return self._measure(hosts, place, self._allowed(hosts.aggregates.at(place)))

    def _allowed(self, aggregates: Memberships) -> float:
        return aggregates.least(_KEY, self._most, int)
