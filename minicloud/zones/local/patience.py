"""How long a new server may wait for room: its hint `pending_timeout`."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from minicloud import errors
from minicloud.instance_states import TASKS, Task

HINT: Final = "pending_timeout"
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def seconds(hints: Mapping[str, Any], most: int) -> int | None:
    """What the hint says, a number or its text; None where there is none. BadRequest."""
    value = hints.get(HINT)
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise errors.BadRequest(_refusal(most))
    return value


def _refusal(most: int) -> str:
    if most < 1:
        return f"The scheduler hint {HINT} is not allowed here."
    return f"The scheduler hint {HINT} must be a whole number of seconds from 1 to {most}."


def facts(hints: Mapping[str, Any], most: int, now: datetime) -> dict[str, Any]:
    """Who may wait for long is not given up earlier because no scheduler answers."""
    usual_s = TASKS[Task.SCHEDULING].deadline_s
    patience_s = seconds(hints, most) or 0
    return {"deadline_at": now + timedelta(seconds=max(usual_s, patience_s))}
