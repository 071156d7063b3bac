"""Hosts with enough virtual processors left at their allocation ratio."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.scheduler.filters.ratios import Ratios
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class CoreFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_vcpus >= request.vcpus

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.vcpus} VCPUs", f"{hosts.free_vcpus[place]} VCPUs")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"vcpus": hosts.limit("vcpus")[places]}


class AggregateCoreFilter:
    """The same at the ratio that aggregates may name: `cpu_allocation_ratio`."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._ratios = Ratios("vcpus", "cpu_allocation_ratio")

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return self._ratios.free(hosts) >= request.vcpus

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        free = self._ratios.free(hosts, slice(place, place + 1))[0]
        return Measure(f"{request.vcpus} VCPUs", f"{free} VCPUs")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"vcpus": self._ratios.limits(hosts, places)}
