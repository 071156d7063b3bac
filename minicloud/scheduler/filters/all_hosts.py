"""Every host will do."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class AllHostsFilter:
    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return np.ones(len(hosts), np.bool_)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure("any host", "a host")
