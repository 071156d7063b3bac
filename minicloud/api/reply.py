"""A JSON reply."""

from typing import Any, Final

import orjson
import webob

JSON: Final = "application/json"
# A moment is written as 2026-01-31T12:00:00Z where a view leaves it as it is.
_MOMENTS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def reply(
    body: Any, status: int = 200, *, headers: list[tuple[str, str]] | None = None
) -> webob.Response:
    text = orjson.dumps(body, option=_MOMENTS)
    lines = [("Content-Type", JSON), ("Content-Length", str(len(text))), *(headers or ())]
    return webob.Response(body=text, status=status, headerlist=lines)


def empty(status: int) -> webob.Response:
    return webob.Response(status=status, headerlist=[("Content-Length", "0")])
