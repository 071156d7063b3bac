"""What a query of images means: filters, order, page."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from minicloud.db import images
from minicloud.db.images import Span, Wanted
from minicloud.errors import BadRequest
from minicloud.runtime.wsgi import Call

_LISTED_BY: Final = {
    **{name: name for name in ("id", "name", "status", "visibility", "owner")},
    **{name: name for name in ("disk_format", "container_format", "checksum", "os_hash_value")},
}
_NUMBERS: Final = {"min_disk": "min_disk_gb", "min_ram": "min_ram_mb"}
_SIZES: Final = ("size_min", "size_max")
_MOMENTS: Final = ("created_at", "updated_at")
_OPERATORS: Final = ("gt", "gte", "lt", "lte", "eq", "neq")
_ELSEWHERE: Final = (  # read by name below, or without meaning where nobody is a member
    *("limit", "marker", "sort", "sort_key", "sort_dir", "tag", "os_hidden", "member_status"),
    *_SIZES,
    *_MOMENTS,
)
_ANY_VISIBILITY: Final = ["public", "private", "shared", "community"]
_MEMBER_STATUSES: Final = ("pending", "accepted", "rejected", "all")


def wanted(call: Call, limit: int) -> Wanted:
    if call.query.get("member_status", "all") not in _MEMBER_STATUSES:
        raise BadRequest("Invalid input: no member has such a status.")
    sizes = [number(call, key, 0) if key in call.query else None for key in _SIZES]
    return Wanted(
        equal=_equal(call),
        properties=_properties(call),
        tags=[value for key, value in call.pairs if key == "tag"],
        spans=[_span(key, text) for key, text in call.pairs if key in _MOMENTS],
        hidden=_flag("os_hidden", call.query.get("os_hidden", "false")),
        size_min=sizes[0],
        size_max=sizes[1],
        order=_order(call),
        marker=call.query.get("marker"),
        limit=limit,
    )


def number(call: Call, key: str, default: int) -> int:
    text = call.query.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest(f"Invalid input: {key} is a number.")
    return int(text)


def page_link(call: Call, marker: str | None) -> str:
    pairs = [pair for pair in call.pairs if pair[0] != "marker"]
    pairs += [("marker", marker)] if marker else []
    return "/v2/images" + (f"?{urlencode(pairs)}" if pairs else "")


def _equal(call: Call) -> dict[str, list[object]]:
    equal: dict[str, list[object]] = {}
    for key, text in call.query.items():
        if (key, text) == ("visibility", "all"):
            equal[key] = list(_ANY_VISIBILITY)
        elif key in _LISTED_BY:
            equal[_LISTED_BY[key]] = list(_one_of(text))
        elif key in _NUMBERS:
            equal[_NUMBERS[key]] = [min(number(call, key, 0), 2**31 - 1)]
        elif key == "protected":
            equal[key] = [_flag(key, text)]
    return equal


def _properties(call: Call) -> dict[str, str]:
    known = {*_LISTED_BY, *_NUMBERS, *_ELSEWHERE, "protected"}
    found = {key: text for key, text in call.query.items() if key not in known}
    if any(not re.match(images.PROPERTY_NAME, key) for key in found):
        raise BadRequest("Invalid input: no property has such a name.")
    return found


def _span(key: str, text: str) -> Span:
    """`gte:2026-01-31T12:00:00Z`; a moment without fraction is the whole second."""
    operator, _, rest = text.partition(":")
    operator, rest = (operator, rest) if operator in _OPERATORS else ("eq", text)
    try:
        start = datetime.fromisoformat(rest.strip())
        start = start.astimezone(UTC).replace(tzinfo=None) if start.tzinfo else start
        fraction = timedelta(microseconds=1) if start.microsecond else timedelta(seconds=1)
        end = start + fraction
    except (ValueError, OverflowError):
        raise BadRequest(f"Invalid input: {key} is no time in the form of ISO 8601.") from None
    if operator in ("eq", "neq"):
        return Span(key, start, end, inside=operator == "eq")
    if operator in ("gt", "gte"):
        return Span(key, end if operator == "gt" else start, None)
    return Span(key, None, start if operator == "lt" else end)


def _order(call: Call) -> list[tuple[str, bool]]:
    """`sort=name:asc,size`, or pairs of sort_key and sort_dir; the id makes it unambiguous."""
    order: dict[str, bool] = {}
    for key, way in _sorted_by(call):
        if key not in images.SORTABLE or way not in ("", "asc", "desc"):
            raise BadRequest("Invalid input: images cannot be sorted like that.")
        order.setdefault(key, way != "asc")
    order.setdefault("id", True)
    return list(order.items())


def _sorted_by(call: Call) -> Iterator[tuple[str, str]]:
    if "sort" in call.query:
        for part in call.query["sort"].split(","):
            key, _, way = part.partition(":")
            yield key, way
        return
    ways = [value for key, value in call.pairs if key == "sort_dir"]
    keys = [value for key, value in call.pairs if key == "sort_key"] or ["created_at"]
    ways = ways if len(ways) == len(keys) else (ways[:1] or [""]) * len(keys)
    yield from zip(keys, ways, strict=True)


def _one_of(text: str) -> list[str]:
    if not text.startswith("in:"):
        return [text.removeprefix("eq:")]
    try:
        return next(csv.reader([text[3:]], strict=True), [])[:1000]
    except csv.Error as error:
        raise BadRequest("Invalid input: the list of values cannot be read.") from error


def _flag(key: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise BadRequest(f"Invalid input: {key} is true or false.")
    return text.lower() == "true"
