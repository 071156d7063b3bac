"""Bodies and queries of key pairs."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import LEGACY_NAME, NAME, closed
from minicloud.api.schemas.query import NUMBER, Param, Query
from minicloud.api.versions import Since

_PUBLIC_KEY: Final[dict[str, Any]] = {"type": "string", "maxLength": 16000}
_TYPE: Final[dict[str, Any]] = {"type": "string", "enum": ["ssh", "x509"]}
_USER: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 64}
_PLAIN_NAME: Final[dict[str, Any]] = NAME | {"pattern": r"^(?! )[a-zA-Z0-9 _@.-]+(?<! )\Z"}


def _create(name: dict[str, Any], *required: str, **more: dict[str, Any]) -> dict[str, Any]:
    fields = closed({"name": name, "public_key": _PUBLIC_KEY, **more}, ("name", *required))
    return closed({"keypair": fields}, ("keypair",))


CREATE: Final = Body(
    {
        1: _create(NAME),
        Since.KEY_PAIR_TYPE: _create(NAME, type=_TYPE),
        Since.KEY_PAIRS_OF_OTHERS: _create(NAME, type=_TYPE, user_id=_USER),
        Since.KEY_PAIRS_IMPORTED: _create(_PLAIN_NAME, "public_key", type=_TYPE, user_id=_USER),
    },
    legacy=_create(LEGACY_NAME),
)

_OF_OTHERS: Final = {"user_id": Param(since=Since.KEY_PAIRS_OF_OTHERS)}
ONE: Final = Query(_OF_OTHERS)
LIST: Final = Query(
    _OF_OTHERS
    | {
        "limit": Param(NUMBER.form, since=Since.KEY_PAIR_PAGING),
        "marker": Param(since=Since.KEY_PAIR_PAGING),
    }
)
