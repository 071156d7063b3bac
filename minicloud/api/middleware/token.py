"""Finds out who asks, by the token; nothing that a client writes in headers counts besides it."""

from collections.abc import Callable, Iterable
from typing import Any

from minicloud.api import paths
from minicloud.auth.authenticator import Authenticator
from minicloud.runtime.wiring import part


class Token:
    """Documents need none."""

    def __init__(self, application: Any, authenticator: Authenticator) -> None:
        self._application = application
        self._authenticator = authenticator

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not paths.place(environ).is_document:
            self._authenticator.mark(environ)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Token]:
    authenticator = part(Authenticator)
    return lambda application: Token(application, authenticator)
