"""Queries and bodies of flavors."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import BOOLEAN, LEGACY_NAME, NAME, closed
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


def _size(least: int) -> dict[str, Any]:
    return {
        "type": ["integer", "string"],
        "pattern": r"^[0-9]{1,10}\Z",
        "minimum": least,
        "maximum": _MOST,
    }


def _flavor(name: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "name": name,
        "id": _ID,
        "ram": _size(1),
        "vcpus": _size(1),
        "disk": _size(0),
        "OS-FLV-EXT-DATA:ephemeral": _size(0),
        "swap": _size(0),
        "rxtx_factor": {
            "type": ["number", "string"],
            "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?\Z",
            "exclusiveMinimum": 0,
            "maximum": 1e9,
        },
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
_DESCRIPTION: Final[dict[str, Any]] = {"type": ["string", "null"], "maxLength": 65535}
CREATE: Final = Body(
    {
        1: _flavor(NAME),
        Since.FLAVOR_DESCRIPTION: _flavor(NAME, description=_DESCRIPTION),
    },
    legacy=_flavor(LEGACY_NAME),
)
SPECS: Final = Body({1: closed({"extra_specs": _SPEC}, ("extra_specs",))})
ONE_SPEC: Final = Body({1: {**_SPEC, "minProperties": 1, "maxProperties": 1}})
