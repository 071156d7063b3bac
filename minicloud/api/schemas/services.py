"""Bodies and queries of services."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import BOOLEAN, HOST, TEXT, closed
from minicloud.api.schemas.query import TEXT as WORDS
from minicloud.api.schemas.query import Query
from minicloud.api.versions import Since

LIST: Final = Query({"host": WORDS, "binary": WORDS})

_NAMED: Final[dict[str, Any]] = {"host": HOST, "binary": TEXT, "disabled_reason": TEXT}
_REQUIRED: Final = ("host", "binary")
ORDER: Final = Body(
    {
        1: closed(_NAMED, _REQUIRED),
        Since.FORCED_DOWN: closed({**_NAMED, "forced_down": BOOLEAN}, _REQUIRED),
    }
)
UPDATE: Final = Body(
    {
        Since.UUIDS_OF_HOSTS: closed(
            {
                "status": {"type": "string", "enum": ["enabled", "disabled"]},
                "disabled_reason": TEXT,
                "forced_down": BOOLEAN,
            }
        )
    }
)
