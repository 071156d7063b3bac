"""Asks the policy whether the caller may do what the route stands for: each names its rule."""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg

from minicloud import errors
from minicloud.api.faults import RouteNotFound
from minicloud.api.matching import Match, environ_match
from minicloud.api.policy import Policy
from minicloud.api.request import ApiRequest, Settings, request_of
from minicloud.api.row import ALLOWED_KEY, OPEN, Row
from minicloud.runtime.wiring import part


class RoutePolicy:
    """Marks the row that the caller may have; without its mark the application serves nothing.

    Handlers ask again with what they have loaded.
    """

    def __init__(self, application: Any, policy: Policy, settings: Settings) -> None:
        self._application, self._policy, self._settings = application, policy, settings

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop(ALLOWED_KEY, None)
        req = request_of(environ, self._settings)
        environ[ALLOWED_KEY] = self._allowed(req, environ_match(environ))
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _allowed(self, req: ApiRequest, match: Match) -> Row:
        row = match.rows[0]
        if row.rule != OPEN:
            context = req.context  # refuses what no authenticator has marked
            if row.key is not None:
                row = _chosen(match.rows, req)
            self._policy.check(context, row.rule)
        return row


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


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], RoutePolicy]:
    policy, settings = part(Policy), Settings.of(part(cfg.ConfigOpts))
    return lambda application: RoutePolicy(application, policy, settings)
