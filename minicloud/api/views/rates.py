"""A caller's rate limits as Nova shows them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from minicloud.api.ratelimit.levels import Standing
from minicloud.api.ratelimit.limit import ALL


def show(standings: Sequence[Standing], now: datetime) -> list[dict[str, Any]]:
    """One entry for each template, with a line for each verb of each limit."""
    entries: dict[object, dict[str, Any]] = {}
    for standing in standings:
        limit = standing.limit
        regex = ".*" if limit.uri == ALL else limit.pattern.pattern
        alike = limit.shape, limit.queries
        entry = entries.setdefault(alike, {"uri": limit.place, "regex": regex, "limit": []})
        entry["limit"] += [_line(verb, standing, now) for verb in sorted(limit.verbs) or [ALL]]
    return list(entries.values())


def _line(verb: str, standing: Standing, now: datetime) -> dict[str, Any]:
    available = now + timedelta(microseconds=standing.wait_us + 999_999)  # by then it is so
    return {
        "verb": verb,
        "value": standing.limit.value,
        "remaining": standing.remaining,
        "unit": standing.limit.unit,
        "next-available": available.isoformat(timespec="seconds") + "Z",
    }
