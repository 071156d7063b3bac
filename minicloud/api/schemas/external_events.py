"""Bodies of external events, by version."""

from typing import Any, Final

from minicloud.api.schemas import fields
from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed
from minicloud.api.versions import Since

_FIRST: Final = (
    "network-changed",
    "network-vif-plugged",
    "network-vif-unplugged",
    "network-vif-deleted",
)
# version -> the kinds that came with it
_CAME: Final = {
    Since.EVENTS_FOR_ALL: "volume-extended",
    Since.POWER_UPDATE: "power-update",
    Since.ACCELERATOR_EVENT: "accelerator-request-bound",
    Since.REIMAGED_EVENT: "volume-reimaged",
}


def _body(names: tuple[str, ...]) -> dict[str, Any]:
    event = {
        "server_uuid": fields.UUID,
        "name": {"type": "string", "enum": list(names)},
        "status": {"type": "string", "enum": ["failed", "completed", "in-progress"]},
        "tag": {"type": "string", "maxLength": 255},
    }
    events = {
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": closed(event, ("server_uuid", "name")),
    }
    return closed({"events": events}, ("events",))


def _by_version() -> dict[int, dict[str, Any]]:
    names: tuple[str, ...] = _FIRST
    schemas = {1: _body(names)}
    for version, name in sorted(_CAME.items()):
        names = (*names, name)
        schemas[int(version)] = _body(names)
    return schemas


CREATE: Final = Body(_by_version())
