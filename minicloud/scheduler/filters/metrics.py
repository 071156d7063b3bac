"""Hosts that tell every metric by which MetricsWeigher chooses."""

import numpy as np
from oslo_config import cfg

from minicloud.conf import ratios
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class MetricsFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._names = tuple(ratios.all_of(conf.metrics.weight_setting))

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        mask = np.ones(len(hosts), np.bool_)
        for name in self._names:
            mask &= ~np.isnan(hosts.metrics.column(name))
        return mask

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        told = [name for name in self._names if not np.isnan(hosts.metrics.column(name)[place])]
        return Measure(", ".join(self._names), ", ".join(told) or "no such metric")
