"""Hosts with, or without, the servers that the hints `same_host` and `different_host` name.

As in Nova any of the servers will do for `same_host`, though its documents say all. A server that
is not there, or of another project, is on no host.
"""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class SameHostFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if not request.is_hinted("same_host"):
            return np.ones(len(hosts), np.bool_)
        return hosts.mask_of(request.same_hosts)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        here = hosts.times_in(request.same_hosts)[place]
        return Measure("with one of the servers of same_host", f"{here} of them")


class DifferentHostFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return ~hosts.mask_of(request.different_hosts)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        here = hosts.times_in(request.different_hosts)[place]
        return Measure("without the servers of different_host", f"{here} of them")
