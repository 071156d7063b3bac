"""Aggregates that only some projects may use."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request

_PREFIX = "filter_tenant_id"  # more keys may begin so, as one value is at most 255 long


class AggregateMultiTenancyIsolation:
    """A host whose aggregates name projects is for these; they may use other hosts as well."""

    reads_project = True  # requests of several projects are not alike

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        def may(aggregates: Memberships) -> bool:
            projects = _projects(aggregates)
            return not projects or request.project_id in projects

        return hosts.aggregates.masked(may)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        projects = _projects(hosts.aggregates.at(place))
        return Measure(request.project_id, ", ".join(sorted(projects)) or "any project")


def _projects(aggregates: Memberships) -> set[str]:
    """Those that the host is for; none: for all."""
    keys = [key for key in aggregates.names() if key.startswith(_PREFIX)]
    return set().union(*(aggregates.values(key) for key in keys))
