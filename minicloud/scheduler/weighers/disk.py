"""Prefer hosts with much free disk."""

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class DiskWeigher(OptionWeigher):
    key = "disk_weight_multiplier"
    is_of_host = True
    minimum = 0.0

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.free_disk_mb
