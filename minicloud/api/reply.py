"""A JSON reply."""

from typing import Any, Final

import orjson
import webob

JSON: Final = "application/json"


def reply(
    body: Any, status: int = 200, *, headers: list[tuple[str, str]] | None = None
) -> webob.Response:
    text = orjson.dumps(body)
    lines = [("Content-Type", JSON), ("Content-Length", str(len(text))), *(headers or ())]
    return webob.Response(body=text, status=status, headerlist=lines)


def empty(status: int) -> webob.Response:
    return webob.Response(status=status, headerlist=[("Content-Length", "0")])
