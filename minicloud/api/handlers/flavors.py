"""/flavors"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.faults import invalid
from minicloud.api.handlers.sorting import sorting
from minicloud.api.policies import flavors as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import flavors as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.schemas.forms import regex
from minicloud.api.schemas.query import Asked, flag
from minicloud.api.versions import Since
from minicloud.api.views import flavors as views
from minicloud.db.models import Flavor
from minicloud.zones.base import Page, Zone
from minicloud.zones.flavors import Flavors as FlavorsOfZone

_SORT_KEYS: Final = {
    **{name: name for name in ("id", "flavorid", "name", "vcpus", "memory_mb", "root_gb")},
    **{name: name for name in ("ephemeral_gb", "rxtx_factor", "is_public", "disabled")},
    "created_at": "created_at",
    "description": "description",
    "swap": "swap_mb",
    "updated_at": None,
    "vcpu_weight": None,
}
_NO_FACTOR: Final = {key: column for key, column in _SORT_KEYS.items() if key != "rxtx_factor"}


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
        rows, page = self._list(req)
        shown = [views.brief(flavor, req.version, req.links) for flavor in rows]
        return _listed(req, shown, page)

    @answers(query=schemas.LIST)
    def detail(self, req: ApiRequest) -> webob.Response:
        rows, page = self._list(req)
        return _listed(req, [self._shown(req, flavor) for flavor in rows], page)

    def show(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        return reply(
            {"flavor": self._shown(req, found(self._flavors, req, self._policy, flavor_id))}
        )

    @answers(body=schemas.CREATE)
    def create(self, req: ApiRequest) -> webob.Response:
        facts = _facts(req.read(schemas.CREATE)["flavor"])
        flavor = self._flavors.create(req.context, facts)
        return reply({"flavor": self._shown(req, flavor)})

    @answers(body=schemas.UPDATE)
    def update(self, req: ApiRequest, flavor_id: str) -> webob.Response:
        text = _described(req.read(schemas.UPDATE)["flavor"])
        flavor = self._flavors.describe(req.context, flavor_id, text)
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
        keys = _SORT_KEYS if req.version < Since.FLAVOR_FACTOR_GONE else _NO_FACTOR
        page = req.page(asked, sorting(asked, keys, ("flavorid", "asc")))
        filters = self._filters(req, asked)
        return (list(self._flavors.list(req.context, filters, page)) if page.limit else []), page

    def _filters(self, req: ApiRequest, asked: Asked) -> dict[str, Any]:
        """Whoever may not see private flavors sees those that are public and in use."""
        filters: dict[str, Any] = {}
        for name, parameter in (("min_ram_mb", "minRam"), ("min_disk_gb", "minDisk")):
            if parameter in asked:
                filters[name] = _number(parameter, asked.get(parameter) or "")
        if asked.get("name"):
            filters["name"] = regex("name", asked.get("name") or "")
        if not self._policy.allows(req.context, policies.READ_PRIVATE):
            return filters | {"is_public": True, "disabled": False}
        wish = asked.get("is_public")
        if wish is None:
            filters["is_public"] = True
        elif wish.lower() != "none":
            filters["is_public"] = _public(wish)
        return filters


def _public(wish: str) -> bool:
    try:
        return flag("is_public", wish)
    except errors.BadRequest:
        raise errors.BadRequest(f"Invalid is_public filter [{wish[:64]}]") from None


def _facts(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a flavor; without an id (or with "auto") it gets a uuid."""
    ref = wanted.get("id")
    facts = {
        "flavorid": str(uuid4()) if ref in (None, "auto") else str(ref),
        "name": wanted["name"].strip(),
        "description": _described(wanted),
        "rxtx_factor": _factor(wanted.get("rxtx_factor", 1.0)),
        "is_public": is_true(wanted.get("os-flavor-access:is_public", True)),
    }
    for column, (field, least) in _SIZES.items():
        facts[column] = size = int(wanted.get(field, 0))
        if not least <= size <= _MOST:
            raise errors.BadRequest(f"Invalid {field}: it must be from {least} to {_MOST}.")
    return facts


def _described(wanted: Mapping[str, Any]) -> str | None:
    text: str | None = wanted.get("description")
    if text is not None and len(text.encode()) > schemas.MOST_DESCRIPTION_BYTES:
        raise invalid("field/attribute", "description", text, "it is too long")
    return text


def _factor(value: float | str) -> float:
    number = float(value)
    if not 0 < number <= schemas.MOST_FACTOR:
        raise invalid("field/attribute", "rxtx_factor", value, "it is out of range")
    return number


def found(flavors: FlavorsOfZone, req: ApiRequest, policy: Policy, flavor_id: str) -> Flavor:
    """A private flavor is as good as none to whoever has no access."""
    anywhere = policy.allows(req.context, policies.READ_PRIVATE)
    return flavors.show(req.context, flavor_id, anywhere=anywhere)


def _number(name: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise errors.BadRequest(f"Invalid {name} filter [{text[:64]}]") from None
    return max(-_MOST, min(number, _MOST))


def _listed(req: ApiRequest, shown: list[dict[str, Any]], page: Page) -> webob.Response:
    links = req.next_links("flavors", page, [flavor["id"] for flavor in shown])
    return reply({"flavors": shown, **links})
