"""Prefer or avoid hosts with other members of a server group whose policy is soft."""

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class ServerGroupSoftAffinityWeigher(OptionWeigher):
    key = "soft_affinity_weight_multiplier"
    is_of_names = True

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        named = request.group_hosts if request.group_policy == "soft-affinity" else ()
        return hosts.times_in(named)


class ServerGroupSoftAntiAffinityWeigher(OptionWeigher):
    key = "soft_anti_affinity_weight_multiplier"
    is_of_names = True

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        named = request.group_hosts if request.group_policy == "soft-anti-affinity" else ()
        return -hosts.times_in(named)
