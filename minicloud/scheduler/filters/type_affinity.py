"""Hosts for one flavor, and aggregates for some."""

import numpy as np
from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Ints, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_KEY = "instance_type"


class TypeAffinityFilter:
    """No server of another flavor on the host; the one that is asked for does not count."""

    wants_contents = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return np.asarray(self._others(hosts, request) == 0)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        count = int(self._others(hosts, request)[place])
        return Measure("no server of another flavor", f"{count} of other flavors")

    def _others(self, hosts: HostTable, request: Request) -> Ints:
        contents = hosts.contents
        alike = hosts.per_host(contents.of_flavor(request.flavor_id))
        others = hosts.per_host(contents.servers) - alike
        own = contents.host_of(request.uuid)
        if own is not None and contents.flavor_of(request.uuid) != request.flavor_id:
            others -= hosts.times_in([own])
        return others


class AggregateTypeAffinityFilter:
    """A host whose aggregates name flavors is for these."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        def takes(aggregates: Memberships) -> bool:
            named = aggregates.values(_KEY)
            return not named or request.flavor_name in named

        return hosts.aggregates.masked(takes)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        flavors = hosts.aggregates.at(place).values(_KEY)
        return Measure(request.flavor_name, ", ".join(sorted(flavors)) or "any flavor")
