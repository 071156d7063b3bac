"""Hosts with enough memory left at their allocation ratio."""

from oslo_config import cfg

from minicloud.scheduler.explain import Measure
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.request import Request


class RamFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_ram_mb >= request.ram_mb

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.ram_mb} MB", f"{hosts.free_ram_mb[place]} MB")
