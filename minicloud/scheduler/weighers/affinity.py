"""Prefer or avoid hosts with other members of a server group whose policy is soft."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request


class ServerGroupSoftAffinityWeigher:
    minimum: float | None = None

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.multiplier: float = conf.filter_scheduler.soft_affinity_weight_multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        named = request.group_hosts if request.group_policy == "soft-affinity" else ()
        return hosts.times_in(named)


class ServerGroupSoftAntiAffinityWeigher:
    minimum: float | None = None

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.multiplier: float = conf.filter_scheduler.soft_anti_affinity_weight_multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        named = request.group_hosts if request.group_policy == "soft-anti-affinity" else ()
        return -hosts.times_in(named)
