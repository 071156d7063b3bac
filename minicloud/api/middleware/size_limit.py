"""Refuses bodies that are too long, announced or not, before anything looks at them."""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_config import cfg

from minicloud.api.faults import TooLarge
from minicloud.runtime.wiring import part


class _Limited:
    """A body of unknown length, read at most so far."""

    def __init__(self, body: Any, limit: int) -> None:
        self._body = body
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        text: bytes = self._body.read(wanted)
        self._left -= len(text)
        if self._left < 0:
            raise TooLarge
        return text


class SizeLimit:
    def __init__(self, application: Any, limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit():
            if len(length) > 18 or int(length) > self._limit:
                raise TooLarge
        elif "wsgi.input" in environ:
            environ["wsgi.input"] = _Limited(environ["wsgi.input"], self._limit)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], SizeLimit]:
    limit: int = part(cfg.ConfigOpts).api.max_request_body_bytes
    return lambda application: SizeLimit(application, limit)
