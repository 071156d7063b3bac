"""GET /v2.1/openapi.json"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import webob

from minicloud.api.openapi import document
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.schemas.query import TEXT, Query
from minicloud.api.versions import MAX, MIN, number

_SHOW: Final = Query({"version": TEXT}, strict_from=MIN)
_KEPT: Final = 8  # documents, by version


class OpenApi:
    """Tells about all handlers; open to everyone, as the version documents are."""

    def __init__(self, nouns: Mapping[str, object]) -> None:
        handlers: dict[Row, Callable[..., Any]] = {
            row: getattr(nouns[row.noun], row.method) for row in ALL
        }
        self._told = lru_cache(_KEPT)(lambda version, base: document(handlers, version, base))

    def show(self, req: ApiRequest) -> webob.Response:
        """At the version that the query names; else at the newest."""
        text = req.query(_SHOW).get("version")
        version = number(text) if text else MAX
        return reply(self._told(version, f"{req.environ.get('SCRIPT_NAME', '')}/v2.1"))
