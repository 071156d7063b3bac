"""A request as handlers see it: who asks, for which version, with what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from oslo_config import cfg

from minicloud import errors
from minicloud.api import paths
from minicloud.api.faults import TooLarge, WrongMediaType, invalid
from minicloud.api.schemas.body import Body
from minicloud.api.schemas.query import Asked, Query
from minicloud.api.versions import MIN, VERSION_KEY
from minicloud.context import RequestContext
from minicloud.runtime.wsgi import is_host
from minicloud.zones.base import Page

CONTEXT_KEY: Final = "minicloud.context"
_PLAIN: Final = re.compile(r"[\w.-]+", re.ASCII)
_USUAL_PORT: Final = {"http": ":80", "https": ":443"}
_MEDIA_TYPES: Final = ("", "application/json", "application/vnd.openstack.compute+json")


@dataclass(frozen=True)
class Settings:
    """The options of [api] that requests are served by."""

    max_limit: int = 1000
    public_url: str = ""
    max_body_bytes: int = 114688

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> Self:
        options = conf.api
        return cls(options.max_limit, options.public_url, options.max_request_body_bytes)


def host_url(environ: dict[str, Any], public_url: str = "") -> str:
    """Scheme and host that the client used, or the configured address."""
    if public_url:
        return public_url.rstrip("/")
    host = environ.get("HTTP_HOST", "")
    if not is_host(host):
        host = f"{environ.get('SERVER_NAME', 'localhost')}:{environ.get('SERVER_PORT', '80')}"
    scheme = environ.get("wsgi.url_scheme", "http")
    return f"{scheme}://{host.removesuffix(_USUAL_PORT.get(scheme, '/'))}"


def _quoted(ref: str) -> str:
    return ref if _PLAIN.fullmatch(ref) else quote(ref, safe="")


class Links:
    """Absolute links in the form of the request's own address."""

    def __init__(self, mount: str, version: str, project: str | None) -> None:
        owner = f"/{quote(project)}" if project else ""
        self.self_base = f"{mount}/{version}{owner}"
        self.bookmark_base = f"{mount}{owner}"

    def to(self, *path: str) -> str:
        return "/".join((self.self_base, *map(_quoted, path)))

    def of(self, noun: str, ref: str) -> list[dict[str, str]]:
        path = f"{noun}/{_quoted(ref)}"
        return [
            {"rel": "self", "href": f"{self.self_base}/{path}"},
            {"rel": "bookmark", "href": f"{self.bookmark_base}/{path}"},
        ]

    def bookmark(self, noun: str, ref: str) -> dict[str, str]:
        return {"rel": "bookmark", "href": f"{self.bookmark_base}/{noun}/{_quoted(ref)}"}


class ApiRequest:
    def __init__(self, environ: dict[str, Any], settings: Settings) -> None:
        self.environ = environ
        self.settings = settings
        self.version: int = environ.get(VERSION_KEY, MIN)
        self.place = paths.place(environ)
        self.legacy = self.place.legacy
        self._checked: dict[Body, Any] = {}

    @property
    def context(self) -> RequestContext:
        """Who asks. Without the mark of an authenticator nobody does."""
        context = self.environ.get(CONTEXT_KEY)
        if not isinstance(context, RequestContext):
            raise errors.Unauthorized
        return context

    @cached_property
    def mount(self) -> str:
        """The address under which this API hangs."""
        name: str = self.environ.get("SCRIPT_NAME", "")
        return host_url(self.environ, self.settings.public_url) + name

    @cached_property
    def links(self) -> Links:
        return Links(self.mount, self.place.version or "v2.1", self.place.project)

    def read(self, body: Body) -> Any:
        """The body, checked once; its defects are the client's."""
        if body not in self._checked:
            self._checked[body] = body.check(self.json, self.version, legacy=self.legacy)
        return self._checked[body]

    @cached_property
    def json(self) -> Any:
        text = self._text()
        if not text:
            raise errors.BadRequest("Malformed request body")
        media_type = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if media_type not in _MEDIA_TYPES:
            raise WrongMediaType
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise errors.BadRequest("cannot understand JSON") from None
        if b"\\u0000" in text:
            _refuse_nul(value)
        return value

    def _text(self) -> bytes:
        length = self.environ.get("CONTENT_LENGTH") or ""
        if not length:
            return self._unannounced()
        if not (length.isascii() and length.isdigit() and len(length) < 19):
            raise errors.BadRequest("Malformed request body")
        if int(length) > self.settings.max_body_bytes:
            raise TooLarge
        text: bytes = self.environ["wsgi.input"].read(int(length))
        return text

    def _unannounced(self) -> bytes:
        """A body whose end the server knows (chunked); size_limit bounds it."""
        if not self.environ.get("wsgi.input_terminated"):
            return b""
        text: bytes = self.environ["wsgi.input"].read()
        return text

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The query, as pairs."""
        text = self.environ.get("QUERY_STRING", "")
        try:
            pairs = parse_qsl(
                text, keep_blank_values=True, errors="replace", max_num_fields=_MAX_PARAMETERS
            )
        except ValueError:
            raise errors.BadRequest("Too many query parameters") from None
        for name, value in pairs:
            if "\0" in value or "\0" in name:
                raise invalid("query parameters", repr(name), repr(value), "NUL is not allowed")
        return pairs

    def query(self, query: Query) -> Asked:
        return query.check(self.parameters, self.version)

    def page(self, asked: Asked, sort: Sequence[tuple[str, str]] | None = None) -> Page:
        limit = self.settings.max_limit
        if asked.get("limit"):
            limit = min(limit, int(asked.get("limit") or 0))
        marker = asked.get("marker")
        return Page(limit, marker) if sort is None else Page(limit, marker, sort)

    def next_links(
        self, name: str, page: Page, refs: Sequence[str]
    ) -> dict[str, list[dict[str, str]]]:
        """`<name>_links` where the page is full, so that there may be more."""
        if not refs or len(refs) < page.limit:
            return {}
        pairs = [pair for pair in self.parameters if pair[0] != "marker"]
        query = urlencode([*pairs, ("marker", refs[-1])])
        href = f"{self.links.self_base}{quote(self.place.path)}?{query}"
        return {f"{name}_links": [{"rel": "next", "href": href}]}


_MAX_PARAMETERS: Final = 200
_REQUEST_KEY: Final = "minicloud.request"


def request_of(environ: dict[str, Any], settings: Settings) -> ApiRequest:
    """The one object that all filters and the handler share, so that a body is read once."""
    found = environ.get(_REQUEST_KEY)
    if not isinstance(found, ApiRequest):
        found = environ[_REQUEST_KEY] = ApiRequest(environ, settings)
    return found


def _refuse_nul(value: Any, path: str = "body") -> None:
    """No database keeps a NUL in a text."""
    if isinstance(value, str):
        if "\0" in value:
            raise invalid("field/attribute", path, repr(value), "NUL is not allowed")
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key, path)
            _refuse_nul(item, key)
