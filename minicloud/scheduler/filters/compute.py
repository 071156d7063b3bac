"""Hosts that the service group sees and no operator took out."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class ComputeFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return hosts.up & hosts.enabled

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        state = "up" if hosts.up[place] else "down"
        return Measure("up, enabled", state if hosts.enabled[place] else f"{state}, disabled")
