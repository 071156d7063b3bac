"""Hosts that this build has not been tried on."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class RetryFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        retry = request.filter_properties.get("retry") or {}
        return ~hosts.mask_of([host for host, _node in retry.get("hosts", ())])

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure("not tried before", "tried before")
