"""Bodies of servers' tags."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed

MOST: Final = 50
LONGEST: Final = 60
TAG: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST,
    "pattern": r"^[^,/]*\Z",
}
ALL: Final[dict[str, Any]] = {"type": "array", "maxItems": MOST, "items": TAG}
REPLACE: Final = Body({1: closed({"tags": ALL}, ("tags",))})
