"""Prefer hosts with little disk-heavy work under way."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request


class IoOpsWeigher:
    minimum: float | None = 0.0

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.multiplier: float = conf.filter_scheduler.io_ops_weight_multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.num_io_ops
