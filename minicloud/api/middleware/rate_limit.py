"""Counts each request for its caller's limits, and refuses what is too much."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from oslo_config import cfg

from minicloud import errors
from minicloud.api.ratelimit import answers
from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.request import CONTEXT_KEY, ApiRequest, Settings, request_of
from minicloud.context import RequestContext
from minicloud.runtime.wiring import part


class RateLimit:
    """Who is limited is whom the token names, and what for is the path that the routes see."""

    def __init__(self, application: Any, limiter: Limiter, settings: Settings) -> None:
        self._application, self._limiter, self._settings = application, limiter, settings

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        context = environ.get(CONTEXT_KEY)
        if isinstance(context, RequestContext):  # else a document: address_limit has counted it
            self._charge(request_of(environ, self._settings), context)
            start_response = answers.telling(environ, start_response)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _charge(self, req: ApiRequest, context: RequestContext) -> None:
        table = self._limiter.table()
        context.limit_class = context.quota_class = table.classes.get(context.project_id)
        caller = Caller(context.user_id, context.project_id)
        verb: str = req.environ["REQUEST_METHOD"]
        queries = _names(req) if table.asks_queries else ()
        answers.note(req.environ, self._limiter.charge(caller, verb, req.place.path, queries))


def _names(req: ApiRequest) -> Collection[str]:
    try:
        return {name for name, _ in req.parameters}
    except errors.BadRequest:  # refused later; until then it counts
        return ()


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Any]:
    conf = part(cfg.ConfigOpts)
    if not conf.ratelimit.enabled:
        return lambda application: application
    limiter, settings = part(Limiter), Settings.of(conf)
    return lambda application: RateLimit(application, limiter, settings)
