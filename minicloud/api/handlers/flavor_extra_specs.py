"""GET /flavors/{flavor_id}/os-extra_specs"""

import webob

from minicloud import errors
from minicloud.api.handlers.flavors import visible
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.zones.base import Zone


class FlavorExtraSpecs:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._flavors, self._policy = zone.flavors, policy

    def index(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        return reply({"extra_specs": self._specs(req, flavor_id)})

    def show(self, req: ApiRequest, flavor_id: str, key: str) -> webob.Response:
        specs = self._specs(req, flavor_id)
        if key not in specs:
            raise errors.NotFound(f"Flavor {flavor_id} has no extra specs with key {key}.")
        return reply({key: specs[key]})

    def _specs(self, req: ApiRequest, flavor_id: str) -> dict[str, str]:
        return visible(self._flavors.show(req.context, flavor_id), req, self._policy).extra_specs
