"""Aggregates for images with certain properties."""

from oslo_config import cfg

from minicloud.scheduler.hosts import HostTable, Mask
from minicloud.scheduler.memberships import Memberships
from minicloud.scheduler.request import Request


class AggregateImagePropertiesIsolation:
    """What both an aggregate of the host and the image name must agree; what only one of them
    names does not matter."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        options = conf.filter_scheduler
        namespace: str = options.aggregate_image_properties_isolation_namespace
        separator: str = options.aggregate_image_properties_isolation_separator
        self._prefix = namespace + separator if namespace else ""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        asked = [
            (key, str(value))
            for key, value in request.image_properties.items()
            if key.startswith(self._prefix)
        ]

        def agree(aggregates: Memberships) -> bool:
            return all(
                not (named := aggregates.values(key)) or value in named for key, value in asked
            )

        return hosts.aggregates.masked(agree)
