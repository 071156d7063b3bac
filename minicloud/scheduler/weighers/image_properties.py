"""Prefer hosts with servers of like images, or avoid them when the multiplier is negative."""

import numpy as np
from oslo_config import cfg

from minicloud.conf import ratios
from minicloud.image_kinds import canonical
from minicloud.scheduler.hosts import Floats, HostTable, Numbers
from minicloud.scheduler.request import Request
from minicloud.scheduler.weighers.base import OptionWeigher


class ImagePropertiesWeigher(OptionWeigher):
    """For each server on the host: the sum of what the properties count that its image has in
    common with the one asked for. With the option at 0 aggregates turn nothing on, as in Nova."""

    key = "image_props_weight_multiplier"

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__(conf)
        self._worth = ratios.all_of(conf.filter_scheduler.image_props_weight_setting)
        self.wants_contents = self._multiplier != 0
        self.is_of_host = not self.wants_contents  # then it says the same of all

    def multipliers(self, hosts: HostTable) -> Numbers | float:
        return super().multipliers(hosts) if self._multiplier else 0.0

    def weigh(self, hosts: HostTable, request: Request) -> Floats:
        weight = np.zeros(len(hosts))
        for name, value in request.image_properties.items():
            worth = self._worth.get(name, 0.0) if self._worth else 1.0
            if worth:
                alike = hosts.contents.with_property(name, canonical(name, str(value)))
                weight += worth * hosts.per_host(alike)
        return weight
