"""Hosts by the servers of a group that has only a name, as before there were server groups.

The servers of a project that came with the same name in the hint `group` are the group; what it
is for is not said of it but by which of the two filters is on.
"""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class GroupAffinityFilter:
    """Where the others are, or anywhere for the first."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if not request.named_group_hosts:
            return np.ones(len(hosts), np.bool_)
        return hosts.mask_of(request.named_group_hosts)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        here = hosts.times_in(request.named_group_hosts)[place]
        return Measure("with its group", f"{here} of the {len(request.named_group_hosts)} others")


class GroupAntiAffinityFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return ~hosts.mask_of(request.named_group_hosts)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        here = hosts.times_in(request.named_group_hosts)[place]
        return Measure("without its group", f"{here} of the others")
