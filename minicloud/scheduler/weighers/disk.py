"""Prefer hosts with much free disk."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request


class DiskWeigher:
    minimum: float | None = 0.0

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.multiplier: float = conf.filter_scheduler.disk_weight_multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.free_disk_mb
