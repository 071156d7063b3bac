"""Hosts with room for root, ephemeral and swap disks at their allocation ratio."""

from collections.abc import Mapping

from oslo_config import cfg

from minicloud.scheduler.filters.ratios import Ratios
from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class DiskFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_disk_mb >= request.disk_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.disk_mb} MB", f"{hosts.free_disk_mb[place]} MB")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"disk_gb": hosts.limit("disk_gb")[places]}


class AggregateDiskFilter:
    """The same at the ratio that aggregates may name: `disk_allocation_ratio`."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._ratios = Ratios("disk_gb", "disk_allocation_ratio")

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return self._ratios.free(hosts) * 1024 >= request.disk_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        free = self._ratios.free(hosts, slice(place, place + 1))[0] * 1024
        return Measure(f"{request.disk_mb} MB", f"{free} MB")

    def limits(self, hosts: HostTable, request: Request, places: slice) -> Mapping[str, Ints]:
        return {"disk_gb": self._ratios.limits(hosts, places)}
