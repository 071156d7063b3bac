"""Prefer hosts with a newer hypervisor, or with an older one when the multiplier is negative."""

from minicloud.scheduler.hosts import Floats, HostTable
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class HypervisorVersionWeigher(OptionWeigher):
    key = "hypervisor_version_weight_multiplier"
    is_of_host = True

    def weigh(self, hosts: HostTable, request: Request) -> Floats:
        return hosts.kinds.numbered(lambda kind: kind.get("hypervisor_version") or 0)
