"""The application at the end of the pipeline: from a matched route to the handler's reply."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import contract_of
from minicloud.api.faults import RouteNotFound
from minicloud.api.matching import Match, environ_match
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest, Settings
from minicloud.api.row import OPEN, Row
from minicloud.api.schemas.query import NOTHING
from minicloud.api.versions import echo

Handler = Callable[..., webob.Response]
_GONE = 410


class Application:
    def __init__(
        self, rows: Iterable[Row], nouns: Mapping[str, object], policy: Policy, settings: Settings
    ) -> None:
        """Every row finds its handler now or the program does not start."""
        self._handlers: dict[Row, Handler] = {
            row: getattr(nouns[row.noun], row.method) for row in rows
        }
        self._without_query = frozenset(
            row for row, handler in self._handlers.items() if _knows_no_query(row, handler)
        )
        self._policy = policy
        self._settings = settings

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = self._serve(ApiRequest(environ, self._settings), environ_match(environ))
        response.headers.extend(echo(environ))
        chunks: Iterable[bytes] = response(environ, start_response)
        return chunks

    def _serve(self, req: ApiRequest, match: Match) -> webob.Response:
        row = match.rows[0]
        if row.rule != OPEN:
            context = req.context  # refuses what no authenticator has marked
            if row.key is not None:
                row = _chosen(match.rows, req)
            self._policy.check(context, row.rule)
            if row in self._without_query:
                NOTHING.check(req.parameters, req.version)
        return self._handlers[row](req, **match.args)


def _knows_no_query(row: Row, handler: Handler) -> bool:
    """As in Nova only reading is strict about it; what is gone, is gone whatever the query."""
    contract = contract_of(handler)
    return row.verb == "GET" and contract.query is None and _GONE not in contract.refuses


def _chosen(rows: tuple[Row, ...], req: ApiRequest) -> Row:
    """The action that the one key of the body names."""
    body = req.json
    if not isinstance(body, dict) or len(body) != 1:
        raise errors.BadRequest("Malformed request body")
    (key,) = body
    named = [row for row in rows if row.key == key]
    if not named:
        raise errors.BadRequest(f"There is no such action: {key[:255]}")
    for row in named:
        if row.at(req.version):
            return row
    raise RouteNotFound
