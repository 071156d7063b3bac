"""Hosts that the hard policy of a server group allows."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class ServerGroupAffinityFilter:
    """All members together: where the others are, or anywhere for the first."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if request.group_policy != "affinity" or not request.group_hosts:
            return np.ones(len(hosts), np.bool_)
        return hosts.mask_of(request.group_hosts)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        members = len(request.group_hosts)
        here = hosts.times_in(request.group_hosts)[place]
        return Measure("with its group", f"{here} of the {members} others")


class ServerGroupAntiAffinityFilter:
    """No more members on a host than the group's `max_server_per_host`, which is usually one."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if request.group_policy != "anti-affinity":
            return np.ones(len(hosts), np.bool_)
        return hosts.times_in(request.group_hosts) < request.max_server_per_host

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        here = hosts.times_in(request.group_hosts)[place]
        return Measure(f"fewer than {request.max_server_per_host} of its group", f"{here}")
