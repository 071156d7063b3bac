"""Finds the route and the microversion, so that what follows knows what is asked for."""

from collections.abc import Callable, Iterable
from typing import Any

from minicloud.api import paths
from minicloud.api.faults import WrongMethod
from minicloud.api.matching import MATCH_KEY, Match, RouteMap
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL, DOCUMENTS
from minicloud.api.versions import MIN, VERSION_KEY, asked
from minicloud.errors import MinicloudError
from minicloud.runtime.wiring import part


class Routing:
    def __init__(self, application: Any, routes: RouteMap) -> None:
        self._application = application
        self._routes = routes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            environ[MATCH_KEY] = self._match(environ)
        except MinicloudError as error:  # raised by whoever asks: first the request is counted
            environ[MATCH_KEY] = error
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _match(self, environ: dict[str, Any]) -> Match:
        place = paths.place(environ)
        verb: str = environ["REQUEST_METHOD"]
        if place.is_document:
            return _document(place, verb)
        version = MIN
        if not place.legacy:
            version = environ[VERSION_KEY] = asked(environ)
        return self._routes.match(verb, place.path, version)


def _document(place: paths.Place, verb: str) -> Match:
    if place.is_openapi:
        row = DOCUMENTS["openapi"]
    elif place.version is not None:
        row = DOCUMENTS["show"]
    else:
        row = DOCUMENTS["choices" if place.path else "index"]
    if verb not in ("GET", "HEAD") and row is not DOCUMENTS["choices"]:
        raise WrongMethod("GET", "HEAD")
    return Match((row,), {})


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Routing]:
    routes = RouteMap(ALL, part(Policy).names())
    return lambda application: Routing(application, routes)
