"""/flavors/{flavor_id}/os-extra_specs"""

from collections.abc import Mapping
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.flavors import found
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import extra_specs
from minicloud.api.schemas import flavors as schemas
from minicloud.api.versions import Since
from minicloud.zones.base import Zone


class FlavorExtraSpecs:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._flavors, self._policy = zone.flavors, policy

    def index(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        return reply({"extra_specs": self._specs(req, flavor_id)})

    def show(self, req: ApiRequest, flavor_id: str, key: str) -> webob.Response:
        specs = self._specs(req, flavor_id)
        if key not in specs:
            raise errors.FlavorSpecNotFound(flavor_id, key)
        return reply({key: specs[key]})

    @answers(body=schemas.SPECS)
    def create(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        """Merge in what is given."""
        specs = _checked(req, req.read(schemas.SPECS)["extra_specs"])
        self._flavors.set_specs(req.context, flavor_id, specs)
        return reply({"extra_specs": specs})

    @answers(body=schemas.ONE_SPEC)
    def update(self, req: ApiRequest, flavor_id: str, key: str) -> webob.Response:
        spec = req.read(schemas.ONE_SPEC)
        if key not in spec:
            raise errors.BadRequest("Request body and URI mismatch")
        spec = _checked(req, spec)
        self._flavors.set_specs(req.context, flavor_id, spec)
        return reply(spec)

    @answers(empty=True)
    def delete(self, req: ApiRequest, flavor_id: str, key: str) -> webob.Response:
        self._flavors.delete_spec(req.context, flavor_id, key)
        return empty(200)

    def _specs(self, req: ApiRequest, flavor_id: str) -> dict[str, str]:
        return found(self._flavors, req, self._policy, flavor_id).extra_specs


def _checked(req: ApiRequest, wanted: Mapping[str, Any]) -> dict[str, str]:
    specs = {key: str(value) for key, value in wanted.items()}
    if req.version >= Since.EXTRA_SPECS_CHECKED:
        for key, value in specs.items():
            extra_specs.check(key, value)
    return specs
