"""Hosts with enough memory left at their allocation ratio."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.scheduler.filters.ratios import Ratios
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class RamFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_ram_mb >= request.ram_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.ram_mb} MB", f"{hosts.free_ram_mb[place]} MB")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"memory_mb": hosts.limit("memory_mb")[places]}


class AggregateRamFilter:
    """The same at the ratio that aggregates may name: `ram_allocation_ratio`."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._ratios = Ratios("memory_mb", "ram_allocation_ratio")

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return self._ratios.free(hosts) >= request.ram_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        free = self._ratios.free(hosts, slice(place, place + 1))[0]
        return Measure(f"{request.ram_mb} MB", f"{free} MB")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"memory_mb": self._ratios.limits(hosts, places)}
