"""Hosts of the zone that was asked for; any host when none was."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class AvailabilityZoneFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        zone = request.availability_zone
        if zone is None:
            return np.ones(len(hosts), np.bool_)
        return hosts.zones.masked(lambda one: one == zone)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure(request.availability_zone or "any zone", hosts.zones.at(place))
