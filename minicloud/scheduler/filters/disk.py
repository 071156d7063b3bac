"""Hosts with room for root, ephemeral and swap disks at their allocation ratio."""

from oslo_config import cfg

from minicloud.scheduler.explain import Measure
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.request import Request


class DiskFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_disk_mb >= request.disk_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.disk_mb} MB", f"{hosts.free_disk_mb[place]} MB")
