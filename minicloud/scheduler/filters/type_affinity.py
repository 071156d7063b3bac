"""Aggregates for certain flavors."""

from oslo_config import cfg

from minicloud.scheduler.explain import Measure
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.request import Request

_KEY = "instance_type"


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
