"""Bodies and queries of server groups."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import COUNT, LEGACY_NAME, NAME, closed
from minicloud.api.schemas.query import NUMBER, TEXT, Query
from minicloud.api.versions import Since

LIST: Final = Query({"all_projects": TEXT, "limit": NUMBER, "offset": NUMBER})

_HARD: Final = ("affinity", "anti-affinity")
_ALL: Final = (*_HARD, "soft-affinity", "soft-anti-affinity")


def _group(name: dict[str, Any], fields: dict[str, Any], *required: str) -> dict[str, Any]:
    group = closed({"name": name, **fields}, ("name", *required))
    return closed({"server_group": group}, ("server_group",))


def _policies(*allowed: str) -> dict[str, Any]:
    """Exactly one, in a list for reasons of old."""
    one = {"type": "string", "enum": list(allowed)}
    return {"policies": {"type": "array", "items": one, "minItems": 1, "maxItems": 1}}


_WITH_RULES: Final[dict[str, Any]] = {
    "policy": {"type": "string", "enum": list(_ALL)},
    "rules": closed({"max_server_per_host": COUNT}),
}
CREATE: Final = Body(
    {
        1: _group(NAME, _policies(*_HARD), "policies"),
        Since.SOFT_POLICIES: _group(NAME, _policies(*_ALL), "policies"),
        Since.GROUP_RULES: _group(NAME, _WITH_RULES, "policy"),
    },
    legacy=_group(LEGACY_NAME, _policies(*_HARD), "policies"),
)
