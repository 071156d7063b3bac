"""Bodies of aggregates."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import HOST, LEGACY_NAME, NAME, UUID, closed
from minicloud.api.versions import Since

# A colon would part zone from host in a server's availability_zone.
_ZONE: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^(?! )[^:\x00-\x1f\x7f-\x9f\ud800-\udfff]*(?<![ \n])\Z",
}
_METADATA: Final[dict[str, Any]] = {
    "type": "object",
    "patternProperties": {
        r"^[a-zA-Z0-9-_:. ]{1,255}\Z": {"type": ["string", "null"], "maxLength": 255}
    },
    "additionalProperties": False,
}


def _aggregate(name: dict[str, Any], *required: str) -> dict[str, Any]:
    fields = closed({"name": name, "availability_zone": _ZONE}, required)
    return closed({"aggregate": {**fields, "minProperties": 1}}, ("aggregate",))


def _action(key: str, form: dict[str, Any]) -> Body:
    return Body({1: closed({key: form}, (key,))})


CREATE: Final = Body({1: _aggregate(NAME, "name")}, legacy=_aggregate(LEGACY_NAME, "name"))
UPDATE: Final = Body({1: _aggregate(NAME)}, legacy=_aggregate(LEGACY_NAME))
ADD_HOST: Final = _action("add_host", closed({"host": HOST}, ("host",)))
REMOVE_HOST: Final = _action("remove_host", closed({"host": HOST}, ("host",)))
SET_METADATA: Final = _action("set_metadata", closed({"metadata": _METADATA}, ("metadata",)))
IMAGES: Final = Body(
    {
        Since.IMAGE_CACHE: closed(
            {"cache": {"type": "array", "minItems": 1, "items": closed({"id": UUID}, ("id",))}},
            ("cache",),
        )
    }
)
