"""Bodies and queries of hosts."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed
from minicloud.api.schemas.query import TEXT, Query

LIST: Final = Query({"zone": TEXT})
_WORD: Final[dict[str, Any]] = {
    "type": "string",
    "enum": ["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"],
}
UPDATE: Final = Body(
    {1: closed({"status": _WORD, "maintenance_mode": _WORD}) | {"minProperties": 1}}
)
