"""/flavors"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.sorting import sorting
from minicloud.api.policies import flavors as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import flavors as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.schemas.query import Asked, flag
from minicloud.api.views import flavors as views
from minicloud.db.models import Flavor
from minicloud.zones.base import Page, Zone

_SORT_KEYS: Final = {
    **{name: name for name in ("id", "flavorid", "name", "vcpus", "memory_mb", "root_gb")},
    **{name: name for name in ("ephemeral_gb", "rxtx_factor", "is_public", "disabled")},
    "created_at": "created_at",
    "swap": "swap_mb",
}


_MOST: Final = 2_147_483_647
_SIZES: Final = {  # column -> (field of the body, least)
    "memory_mb": ("ram", 1),
    "vcpus": ("vcpus", 1),
    "root_gb": ("disk", 0),
    "ephemeral_gb": ("OS-FLV-EXT-DATA:ephemeral", 0),
    "swap_mb": ("swap", 0),
}


class Flavors:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._flavors, self._policy = zone.flavors, policy

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        found, page = self._list(req)
        shown = [views.brief(flavor, req.version, req.links) for flavor in found]
        return _listed(req, shown, page)

    @answers(query=schemas.LIST)
    def detail(self, req: ApiRequest) -> webob.Response:
        found, page = self._list(req)
        return _listed(req, [self._shown(req, flavor) for flavor in found], page)

    def show(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        flavor = visible(self._flavors.show(req.context, flavor_id), req, self._policy)
        return reply({"flavor": self._shown(req, flavor)})

    @answers(body=schemas.CREATE)
    def create(self, req: ApiRequest) -> webob.Response:
        facts = _facts(req.read(schemas.CREATE)["flavor"])
        flavor = self._flavors.create(req.context, facts)
        return reply({"flavor": self._shown(req, flavor)})

    @answers(202, empty=True)
    def delete(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        self._flavors.delete(req.context, flavor_id)
        return empty(202)

    def _shown(self, req: ApiRequest, flavor: Flavor) -> dict[str, Any]:
        specs = self._policy.allows(req.context, policies.SPECS_INDEX)
        return views.detail(flavor, req.version, req.links, specs=specs)

    def _list(self, req: ApiRequest) -> tuple[list[Flavor], Page]:
        asked = req.query(schemas.LIST)
        page = req.page(asked, sorting(asked, _SORT_KEYS, ("flavorid", "asc")))
        filters = self._filters(req, asked)
        return (list(self._flavors.list(req.context, filters, page)) if page.limit else []), page

    def _filters(self, req: ApiRequest, asked: Asked) -> dict[str, Any]:
        """Whoever may not see private flavors sees those that are public and in use."""
        filters: dict[str, Any] = {}
        for name, parameter in (("min_ram_mb", "minRam"), ("min_disk_gb", "minDisk")):
            if parameter in asked:
                filters[name] = _number(parameter, asked.get(parameter) or "")
        if asked.get("name"):
            filters["name"] = asked.get("name")
        if not self._policy.allows(req.context, policies.READ_PRIVATE):
            return filters | {"is_public": True, "disabled": False}
        wish = asked.get("is_public")
        if wish is None:
            filters["is_public"] = True
        elif wish.lower() != "none":
            filters["is_public"] = flag("is_public", wish)
        return filters


def _facts(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a flavor; without an id (or with "auto") it gets a uuid."""
    ref = wanted.get("id")
    facts = {
        "flavorid": str(uuid4()) if ref in (None, "auto") else str(ref),
        "name": wanted["name"].strip(),
        "description": wanted.get("description"),
        "rxtx_factor": float(wanted.get("rxtx_factor", 1.0)),
        "is_public": is_true(wanted.get("os-flavor-access:is_public", True)),
    }
    for column, (field, least) in _SIZES.items():
        facts[column] = size = int(wanted.get(field, 0))
        if not least <= size <= _MOST:
            raise errors.BadRequest(f"Invalid {field}: it must be from {least} to {_MOST}.")
    return facts


def visible(flavor: Flavor, req: ApiRequest, policy: Policy) -> Flavor:
    """A private flavor is as good as none to whoever has no access."""
    if not flavor.is_public and not policy.allows(req.context, policies.READ_PRIVATE):
        raise errors.FlavorNotFound(flavor.flavorid)
    return flavor


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise errors.BadRequest(f"Invalid {name} filter [{text[:64]}]")
    return int(text)


def _listed(req: ApiRequest, shown: list[dict[str, Any]], page: Page) -> webob.Response:
    links = req.next_links("flavors", page, [flavor["id"] for flavor in shown])
    return reply({"flavors": shown, **links})
