"""Takes the client's word for who it is: `X-Auth-Token: user:project`. For tests only."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from minicloud import errors
from minicloud.api import paths
from minicloud.api.middleware.token import GRANT_KEY, remove_identity
from minicloud.db import tokens


class NoAuth:
    """The user "admin" is one; others are members. Roles may follow: `user:project:reader`."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        remove_identity(environ)
        if not paths.place(environ).is_document:
            environ[GRANT_KEY] = _grant(environ.get("HTTP_X_AUTH_TOKEN", ""))
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks


def _grant(text: str) -> tokens.Grant:
    user, _, rest = text.partition(":")
    project, colon, roles = rest.partition(":")
    if not user:
        raise errors.Unauthorized
    named = tuple(roles.split(",")) if roles else ()
    return tokens.Grant(
        user_id=user,
        user_name=user,
        user_domain_id="default",
        user_domain_name="Default",
        project_id=project if colon or project else user,
        project_name=project or user,
        project_domain_id="default",
        project_domain_name="Default",
        roles=named or (("admin",) if user == "admin" else ("member", "reader")),
        role_ids=(),
        issued_at=datetime.min,
        expires_at=datetime.max,
        audit_id="",
        methods=(),
    )


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], NoAuth]:
    return NoAuth
