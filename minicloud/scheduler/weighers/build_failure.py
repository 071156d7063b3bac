"""Avoid hosts whose last builds failed; the sign of the multiplier is turned, as in Nova."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request


class BuildFailureWeigher:
    minimum: float | None = None

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.multiplier: float = -conf.filter_scheduler.build_failure_weight_multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.failed_builds
