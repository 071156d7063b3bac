"""A small JSON application: a table of routes in front of handlers, an answer for any request.

The identity and the image service are two of these. It knows HTTP and nothing of what it serves:
an error of ours becomes a status here, and whatever a request holds, the answer is JSON.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import orjson
import routes
import webob
from jsonschema import Draft202012Validator

from minicloud import errors

LOG = logging.getLogger(__name__)

Schema = dict[str, Any]
_HOST: Final = re.compile(r"[A-Za-z0-9._\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_NUL: Final = re.compile(rb"\\u0000|\x00")


class WrongMethod(errors.MinicloudError):
    text = "The method is not allowed for this resource."


class TooLarge(errors.MinicloudError):
    text = "The body is larger than {0} bytes."


class WrongType(errors.MinicloudError):
    text = "The content type {0} cannot be read here."


_STATUS: Final[Mapping[type[BaseException], tuple[int, str]]] = {
    errors.BadRequest: (400, "Bad Request"),
    errors.Unauthorized: (401, "Unauthorized"),
    errors.Forbidden: (403, "Forbidden"),
    errors.NotFound: (404, "Not Found"),
    WrongMethod: (405, "Method Not Allowed"),
    errors.Conflict: (409, "Conflict"),
    errors.Gone: (410, "Gone"),
    TooLarge: (413, "Request Entity Too Large"),
    WrongType: (415, "Unsupported Media Type"),
    errors.Unsupported: (501, "Not Implemented"),
    errors.Unavailable: (503, "Service Unavailable"),
}


class Call:
    """One request, with what its path named."""

    def __init__(
        self, http: webob.Request, path: dict[str, str], public_url: str, max_body_bytes: int
    ) -> None:
        self.http = http
        self.path = path
        self.address = public_url.rstrip("/") or _address(http)
        self.here = self.address + str(http.script_name)
        self._max_body_bytes = max_body_bytes
        self.pairs = _query(http)
        self.query = dict(self.pairs)

    def header(self, name: str) -> str | None:
        value: str | None = self.http.headers.get(name)
        return value

    def read(self, schema: Schema) -> Any:
        """The body, which is JSON of this shape."""
        try:
            body = orjson.loads(self._body())
        except orjson.JSONDecodeError as error:
            raise errors.BadRequest("The body is not JSON.") from error
        fits(schema, body)
        return body

    def link(self, **query: str) -> str:
        """This request's address with other query values."""
        path = self.here + str(self.http.environ.get("PATH_INFO", ""))
        return f"{path}?{urlencode({**self.query, **query})}"

    def _body(self) -> bytes:
        if (self.http.content_length or 0) > self._max_body_bytes:
            raise TooLarge(self._max_body_bytes)
        try:
            body: bytes = self.http.body_file.read(self._max_body_bytes + 1)
        except OSError as error:  # the client went away
            raise errors.BadRequest("The body ended too early.") from error
        if len(body) > self._max_body_bytes:
            raise TooLarge(self._max_body_bytes)
        if _NUL.search(body):  # no database column takes it
            raise errors.BadRequest("The body holds a NUL character.")
        return body


Handler = Callable[[Call], webob.Response]


class Route(NamedTuple):
    method: str
    path: str
    handler: Handler


class Application:
    """Find the handler of a request, and show its answer or its error."""

    def __init__(
        self,
        table: Iterable[Route],
        public_url: str = "",
        max_body_bytes: int = 114688,
        identity_url: str = "",
    ) -> None:
        """`identity_url` is where clients get their tokens, when that is not here."""
        self._public_url, self._max_body_bytes = public_url, max_body_bytes
        self._identity_url = identity_url
        self._rows: dict[str, dict[str, Handler]] = {}
        for method, path, handler in table:
            self._rows.setdefault(path, {})[method] = handler
        self._mapper = routes.Mapper(explicit=True)
        self._mapper.minimization = False
        for path in self._rows:
            self._mapper.connect(None, path, row=path)
        self._mapper.create_regs([])

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        http = webob.Request(environ)
        response = self._answer(http)
        response.headers["x-openstack-request-id"] = (
            environ.get("openstack.request_id") or f"req-{uuid4()}"
        )
        response.headers["Vary"] = "X-Auth-Token"
        body: Iterable[bytes] = response(environ, start_response)
        return body

    def _answer(self, http: webob.Request) -> webob.Response:
        try:
            handler, path = self._find(http)
            return handler(Call(http, path, self._public_url, self._max_body_bytes))
        except errors.MinicloudError as error:
            response = fault(error)
            if response.status_int == 401:
                here = f"{self._public_url.rstrip('/') or _address(http)}/identity"
                url = self._identity_url or here
                response.headers["WWW-Authenticate"] = f'Keystone uri="{url}"'
            return response
        except Exception:
            LOG.exception("a request failed")
            return _shown(500, "Internal Server Error", "An unexpected error happened.")

    def _find(self, http: webob.Request) -> tuple[Handler, dict[str, str]]:
        raw = http.environ.get("PATH_INFO", "").encode("latin-1", "replace")
        found = self._mapper.match(raw.decode("utf-8", "replace").rstrip("/") or "/")
        if not found or any("\0" in value for value in found.values()):
            raise errors.NotFound("The resource could not be found.")
        handlers = self._rows[found.pop("row")]
        method = "GET" if http.method == "HEAD" and "HEAD" not in handlers else http.method
        if method not in handlers:
            raise WrongMethod
        return handlers[method], found


def fits(schema: Schema, value: object) -> None:
    """Refuse a value of another shape; the text repeats nothing of it, for it may be secret."""
    error = next(Draft202012Validator(schema).iter_errors(value), None)
    if error is None:
        return
    place = "/".join(str(step) for step in error.absolute_path)[:255] or "the body"
    rule = "holds an unknown key" if error.validator == "additionalProperties" else ""
    text = rule or f"does not fit: {error.validator} {str(error.validator_value)[:120]}"
    raise errors.BadRequest(f"Invalid input: {place} {text}")


def shown(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:
    """A JSON answer."""
    response = webob.Response(
        body=orjson.dumps(body), status=status, content_type="application/json"
    )
    response.headers.update(headers or {})
    return response


def done(status: int = 204) -> webob.Response:
    """An answer without a body."""
    response = webob.Response(status=status)
    if status == 204:
        response.content_type = None
    return response


def fault(error: errors.MinicloudError) -> webob.Response:
    """The one shape of an error, Keystone's."""
    for family in type(error).__mro__:
        if family in _STATUS:
            code, title = _STATUS[family]
            return _shown(code, title, str(error))
    return _shown(500, "Internal Server Error", "An unexpected error happened.")


def _shown(code: int, title: str, message: str) -> webob.Response:
    return shown({"error": {"code": code, "message": message, "title": title}}, code)


def is_host(text: str) -> bool:
    """Whether a Host header names a host, and nothing else that a link would repeat."""
    return _HOST.fullmatch(text) is not None


def _address(http: webob.Request) -> str:
    """Scheme and host that the client used; a host that is none is not repeated."""
    host = http.environ.get("HTTP_HOST", "")
    if not is_host(host):
        host = f"{http.environ['SERVER_NAME']}:{http.environ['SERVER_PORT']}"
    return f"{http.environ['wsgi.url_scheme']}://{host}"


def _query(http: webob.Request) -> list[tuple[str, str]]:
    text = http.environ.get("QUERY_STRING", "")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=100)
    except ValueError as error:
        raise errors.BadRequest("The query holds too many fields.") from error
    if any("\0" in part for pair in pairs for part in pair):
        raise errors.BadRequest("The query holds a NUL character.")
    return pairs
