"""Hosts in aggregates that have what the flavor's extra specs ask for."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.operators import compiled
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_SCOPE = "aggregate_instance_extra_specs"


class AggregateInstanceExtraSpecsFilter:
    """Every spec without a scope, or in this one, is a key of the host's aggregates, and one of
    its values matches. What other scopes say is for others."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        tests = [(spec.name, compiled(spec.text)) for spec in request.specs_for(_SCOPE)]

        def fits(aggregates: Memberships) -> bool:
            return all(any(map(test, aggregates.values(key))) for key, test in tests)

        return hosts.aggregates.masked(fits)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        aggregates = hosts.aggregates.at(place)
        for spec in request.specs_for(_SCOPE):
            if not any(map(compiled(spec.text), aggregates.values(spec.name))):
                return Measure(f"{spec.name}: {spec.text}", aggregates.told(spec.name))
        return Measure("its extra specs", "all of them")
