"""Bodies of POST /servers/{id}/action."""

from typing import Any, Final

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.fields import closed

_TYPES: Final = ["soft", "Soft", "SOFT", "hard", "Hard", "HARD"]


def _action(key: str, form: dict[str, Any]) -> Body:
    return Body({1: closed({key: form}, (key,))})


REBOOT: Final = _action("reboot", closed({"type": {"type": "string", "enum": _TYPES}}, ("type",)))
CONSOLE_OUTPUT: Final = _action(
    "os-getConsoleOutput",
    {
        "type": ["object", "null"],
        "properties": {
            "length": {
                "type": ["integer", "string", "null"],
                "minimum": -1,
                "maximum": 999_999_999,
                "pattern": r"^(-1|[0-9]{1,9})\Z",
            }
        },
        "additionalProperties": False,
    },
)
