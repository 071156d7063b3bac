"""Queries and bodies of flavors."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import BOOLEAN, DESCRIPTION, LEGACY_NAME, NAME, closed
from minicloud.api.schemas.query import NUMBER, TEXT, Param, Query
from minicloud.api.versions import Since

LIST: Final = Query(
    {
        **dict.fromkeys(
            ("marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir"), TEXT
        ),
        "limit": NUMBER,
        "name": Param(since=Since.FLAVOR_NAME_FILTER),
    }
)

_ID: Final[dict[str, Any]] = {
    "type": ["string", "number", "null"],
    "minLength": 1,
    "maxLength": 255,
    "minimum": 0,
    "pattern": r"^(?! )[a-zA-Z0-9. _-]*(?<! )\Z",
}
_MOST: Final = 2_147_483_647
MOST_FACTOR: Final = 3.40282e38
MOST_DESCRIPTION_BYTES: Final = 65535  # what a column of text holds


def _size(least: int) -> dict[str, Any]:
    return {
        "type": ["integer", "string"],
        "pattern": r"^[0-9]{1,10}\Z",
        "minimum": least,
        "maximum": _MOST,
    }


def _flavor(name: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": name,
        "id": _ID,
        "ram": _size(1),
        "vcpus": _size(1),
        "disk": _size(0),
        "OS-FLV-EXT-DATA:ephemeral": _size(0),
        "swap": _size(0),
        "os-flavor-access:is_public": BOOLEAN,
    }
    return closed(
        {"flavor": closed({**fields, **more}, ("name", "ram", "vcpus", "disk"))}, ("flavor",)
    )


_SPEC: Final[dict[str, Any]] = {
    "type": "object",
    "patternProperties": {
        r"^[a-zA-Z0-9-_:. ]{1,255}\Z": {"type": ["string", "number"], "maxLength": 255}
    },
    "additionalProperties": False,
}
_FACTOR: Final[dict[str, Any]] = {
    "type": ["number", "string"],
    "pattern": r"^[0-9]{1,39}(\.[0-9]{1,39})?\Z",
    "exclusiveMinimum": 0,
    "maximum": MOST_FACTOR,
}
_DESCRIPTION: Final[dict[str, Any]] = DESCRIPTION | {"maxLength": MOST_DESCRIPTION_BYTES}
CREATE: Final = Body(
    {
        1: _flavor(NAME, rxtx_factor=_FACTOR),
        Since.FLAVOR_DESCRIPTION: _flavor(NAME, rxtx_factor=_FACTOR, description=_DESCRIPTION),
        Since.FLAVOR_FACTOR_GONE: _flavor(NAME, description=_DESCRIPTION),
    },
    legacy=_flavor(LEGACY_NAME, rxtx_factor=_FACTOR),
)
UPDATE: Final = Body(
    {1: closed({"flavor": closed({"description": _DESCRIPTION}, ("description",))}, ("flavor",))}
)
SPECS: Final = Body({1: closed({"extra_specs": _SPEC}, ("extra_specs",))})
ONE_SPEC: Final = Body({1: {**_SPEC, "minProperties": 1, "maxProperties": 1}})


def _of_project(action: str) -> Body:
    tenant = {"type": "string", "minLength": 1, "maxLength": 255}
    return Body({1: closed({action: closed({"tenant": tenant}, ("tenant",))}, (action,))})


ADD_ACCESS: Final = _of_project("addTenantAccess")
REMOVE_ACCESS: Final = _of_project("removeTenantAccess")
