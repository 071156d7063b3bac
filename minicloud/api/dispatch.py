"""The application at the end of the pipeline: from an allowed route to the handler's reply."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import contract_of
from minicloud.api.matching import Match, environ_match
from minicloud.api.request import ApiRequest, Settings, request_of
from minicloud.api.row import ALLOWED_KEY, OPEN, Row
from minicloud.api.schemas.query import NOTHING
from minicloud.api.versions import echo

Handler = Callable[..., webob.Response]
_GONE = 410


class Application:
    def __init__(
        self, rows: Iterable[Row], nouns: Mapping[str, object], settings: Settings
    ) -> None:
        """Every row finds its handler now or the program does not start."""
        self._handlers: dict[Row, Handler] = {
            row: getattr(nouns[row.noun], row.method) for row in rows
        }
        self._without_query = frozenset(
            row for row, handler in self._handlers.items() if _knows_no_query(row, handler)
        )
        self._settings = settings

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        row = environ.get(ALLOWED_KEY)
        if not isinstance(row, Row):  # no filter has asked the policy: nobody may have anything
            raise errors.Unauthorized
        response = self._serve(request_of(environ, self._settings), row, environ_match(environ))
        response.headers.extend(echo(environ))
        chunks: Iterable[bytes] = response(environ, start_response)
        return chunks

    def _serve(self, req: ApiRequest, row: Row, match: Match) -> webob.Response:
        if row in self._without_query:
            NOTHING.check(req.parameters, req.version)
        return self._handlers[row](req, **match.args)


def _knows_no_query(row: Row, handler: Handler) -> bool:
    """As in Nova only reading is strict about it; what is gone, is gone whatever the query."""
    contract = contract_of(handler)
    if row.rule == OPEN or row.verb != "GET":
        return False
    return contract.query is None and _GONE not in contract.refuses
