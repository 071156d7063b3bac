"""Prefer hosts by what they measure of themselves: the sum of metric x ratio."""

import numpy as np
from oslo_config import cfg

from minicloud.conf import ratios
from minicloud.scheduler.hosts import Floats, HostTable, Numbers
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class MetricsWeigher(OptionWeigher):
    """A host that lacks a metric which counts is refused, or goes last when none is required."""

    key = "metrics_weight_multiplier"
    is_of_host = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.metrics
        self._multiplier: float = options.weight_multiplier
        self._ratios = ratios.all_of(options.weight_setting)
        self._required: bool = options.required
        self._unavailable: float = options.weight_of_unavailable

    def multipliers(self, hosts: HostTable) -> Numbers | float:
        return super().multipliers(hosts) if self._ratios else 0.0

    def weigh(self, hosts: HostTable, request: Request) -> Floats:
        values = np.zeros(len(hosts))
        missing = np.zeros(len(hosts), np.bool_)
        for name, ratio in self._ratios.items():
            column = hosts.metrics.column(name)
            lacks = np.isnan(column)
            values += np.where(lacks, 0.0, column * ratio)
            missing |= lacks & (self._required or ratio != 0)
        if self._required:
            return np.where(missing, np.nan, values)
        counts = np.asarray(self.multipliers(hosts)) != 0
        return np.where(missing & counts, self._unavailable, values)
