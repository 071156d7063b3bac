"""Hosts that can run what the image is made for."""

import numpy as np
from oslo_config import cfg

from minicloud.image_kinds import made_for, told
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class ImagePropertiesFilter:
    """Architecture, hypervisor type and mode that the image names are found in one of the host's
    combinations, and the hypervisor's version is among those that the image takes."""

    run_on_rebuild = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        made = made_for(request.image_properties)
        if made.for_all:
            return np.ones(len(hosts), np.bool_)
        return hosts.kinds.masked(made.runs_on)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        made, kind = made_for(request.image_properties), hosts.kinds.at(place)
        return Measure(made.told, told(kind))
