"""What other services have and this cloud does not: an empty list, no item, nothing made."""

from typing import NoReturn

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest


class Absent:
    """The nouns of one address. `missing` says what is not there, `{0}` is its name."""

    def __init__(self, nouns: str, missing: str, service: str) -> None:
        self._nouns, self._missing, self._service = nouns, missing, service

    def index(self, req: ApiRequest) -> webob.Response:
        return reply({self._nouns: []})

    def show(self, req: ApiRequest, ref: str) -> webob.Response:
        raise errors.NotFound(self._missing.format(ref))

    update = delete = show

    @answers(refuses=(501,))
    def create(self, req: ApiRequest) -> webob.Response:
        no_service(self._service)


class Nodes(Absent):
    """Bare metal, which Nova never let anybody write."""

    def create(self, req: ApiRequest, ref: str | None = None) -> webob.Response:
        raise errors.BadRequest(
            "Command Not supported. Please use Ironic command port-create to perform this action."
        )

    delete = act = create


def no_service(service: str) -> NoReturn:
    raise errors.Unsupported(f"This cloud has no {service} service.")


def nouns() -> dict[str, Absent]:
    """A handler for each noun of routes_elsewhere.py that is not here at all."""
    group = "Security group {0} not found."
    return {
        "floating_ips": Absent("floating_ips", "Floating IP not found for ID {0}", "network"),
        "floating_ip_pools": Absent("floating_ip_pools", "", "network"),
        "security_groups": Absent("security_groups", group, "network"),
        "security_group_rules": Absent("", "Security group with rule {0} not found.", "network"),
        "volumes": Absent("volumes", "Volume {0} could not be found.", "volume"),
        "snapshots": Absent("snapshots", "Snapshot {0} could not be found.", "volume"),
        "baremetal_nodes": Nodes("nodes", "Node {0} could not be found.", "bare metal"),
    }
