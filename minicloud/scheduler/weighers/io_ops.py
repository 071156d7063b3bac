"""Prefer hosts with little disk-heavy work under way."""

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class IoOpsWeigher(OptionWeigher):
    key = "io_ops_weight_multiplier"
    is_of_host = True
    minimum = 0.0

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.num_io_ops
