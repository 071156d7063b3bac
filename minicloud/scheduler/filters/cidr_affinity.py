"""Hosts with an address near the one in the hint `build_near_host_ip`."""

from ipaddress import ip_network

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.addresses import Network
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_CIDR = "/24"


class SimpleCIDRAffinityFilter:
    """How near the hint `cidr` says: "/24" when it is not given, for both families as in Nova."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if not request.is_hinted("build_near_host_ip"):
            return np.ones(len(hosts), np.bool_)
        return hosts.addresses.within(_network(request))

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        wanted = _network(request) if request.is_hinted("build_near_host_ip") else "any address"
        return Measure(str(wanted), hosts.host_ips[place] or "no address")


def _network(request: Request) -> Network:
    near = request.hint("build_near_host_ip")
    return ip_network(near + (request.hint("cidr") or _CIDR), strict=False)
