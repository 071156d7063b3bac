"""Hosts without too many instances."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.request import Request

_KEY = "max_instances_per_host"


class NumInstancesFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._most: int = conf.filter_scheduler.max_instances_per_host

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.num_instances < self._most


class AggregateNumInstancesFilter(NumInstancesFilter):
    """The same, where aggregates may say how many are too many: the smallest number counts."""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        most = hosts.aggregates.numbered(lambda one: one.least(_KEY, self._most))
        return np.asarray(hosts.num_instances < most)
