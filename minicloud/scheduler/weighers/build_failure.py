"""Avoid hosts whose last builds failed; the sign of the multiplier is turned, as in Nova."""

from minicloud.scheduler.hosts import HostTable, Ints
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class BuildFailureWeigher(OptionWeigher):
    key = "build_failure_weight_multiplier"
    is_of_host = True
    sign = -1

    def weigh(self, hosts: HostTable, request: Request) -> Ints:
        return hosts.failed_builds
