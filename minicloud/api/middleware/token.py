"""Finds out who asks, by the token; nothing that a client writes in headers counts besides it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from minicloud import errors
from minicloud.api import paths
from minicloud.db import tokens
from minicloud.db.engine import Database
from minicloud.runtime.wiring import part

GRANT_KEY: Final = "minicloud.grant"  # no header can write it: theirs all begin with HTTP_
_IDENTITY: Final = (
    "HTTP_X_IDENTITY_STATUS",
    "HTTP_X_USER",
    "HTTP_X_PROJECT",
    "HTTP_X_TENANT",
    "HTTP_X_ROLE",
    "HTTP_X_IS_ADMIN",
    "HTTP_X_DOMAIN",
    "HTTP_X_SERVICE",
    "HTTP_X_SYSTEM_SCOPE",
    "HTTP_X_OPENSTACK_SYSTEM_SCOPE",
    "HTTP_OPENSTACK_SYSTEM_SCOPE",
    "HTTP_X_TRUST",
    "HTTP_X_OAUTH",
    "HTTP_X_AUTHENTICATED",
    "HTTP_X_EXTERNAL",
)


def remove_identity(environ: dict[str, Any]) -> None:
    """Take away every header by which an authenticator tells who asks."""
    for name in [name for name in environ if name.startswith(_IDENTITY)]:
        del environ[name]
    environ.pop("REMOTE_USER", None)
    environ.pop(GRANT_KEY, None)


class Token:
    """Identity's own tokens, looked up in the database."""

    def __init__(self, application: Any, database: Database) -> None:
        self._application = application
        self._database = database

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        remove_identity(environ)
        if not paths.place(environ).is_document:
            environ[GRANT_KEY] = self._grant(environ.get("HTTP_X_AUTH_TOKEN", ""))
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks

    def _grant(self, text: str) -> tokens.Grant:
        if not text:
            raise errors.Unauthorized
        now = self._database.now()
        grant = self._database.read(lambda db: tokens.validated(db, text, now))
        if grant is None:
            raise errors.Unauthorized
        return grant


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Token]:
    database = part(Database)
    return lambda application: Token(application, database)
