"""Hosts with enough virtual processors left at their allocation ratio."""

from oslo_config import cfg

from minicloud.scheduler.explain import Measure
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.request import Request


class CoreFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.free_vcpus >= request.vcpus

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(f"{request.vcpus} VCPUs", f"{hosts.free_vcpus[place]} VCPUs")
