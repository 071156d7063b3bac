"""Prefer hosts with many instances, or with few when the multiplier is negative."""

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class NumInstancesWeigher(OptionWeigher):
    key = "num_instances_weight_multiplier"
    is_of_host = True

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.num_instances
