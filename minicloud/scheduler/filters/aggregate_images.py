"""Aggregates for images with certain properties."""

from oslo_config import cfg

from minicloud.image_kinds import canonical
from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.refusal import Measure
from minicloud.scheduler.request import Request


class AggregateImagePropertiesIsolation:
    """What both an aggregate of the host and the image name must agree; what only one of them
    names does not matter. The image's architecture, hypervisor and mode count by the one word that
    Nova has for each."""

    run_on_rebuild = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.filter_scheduler
        namespace: str = options.aggregate_image_properties_isolation_namespace
        separator: str = options.aggregate_image_properties_isolation_separator
        self._prefix = namespace + separator if namespace else ""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        asked = self._asked(request)

        def agree(aggregates: Memberships) -> bool:
            return all(_agrees(aggregates, key, value) for key, value in asked)

        return hosts.aggregates.masked(agree)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        aggregates = hosts.aggregates.at(place)
        for key, value in self._asked(request):
            if not _agrees(aggregates, key, value):
                return Measure(f"{key}: {value}", aggregates.told(key))
        return Measure("what the image asks", "all of it")

    def _asked(self, request: Request) -> list[tuple[str, str]]:
        return [
            (key, canonical(key, str(value)))
            for key, value in request.image_properties.items()
            if value and key.startswith(self._prefix)
        ]


def _agrees(aggregates: Memberships, key: str, value: str) -> bool:
    named = aggregates.values(key)
    return not named or value in named
