"""Takes the client's word for who it is: `X-Auth-Token: user:project`. For tests only."""

from collections.abc import Callable
from typing import Any

from keystonemiddleware.auth_token import InvalidToken

from minicloud.api.middleware.token import Token
from minicloud.auth.authenticator import Authenticator
from minicloud.auth.in_process import InProcess
from minicloud.db.roles import effective

_DOMAIN = {"id": "default", "name": "Default"}


class Claimed(InProcess):
    """The user "admin" is one; others are members. Roles may follow: `user:project:reader`.

    Roles imply others, as identity's do.
    """

    def fetch_token(self, token: str, **_: Any) -> dict[str, Any]:
        user, _colon, rest = token.partition(":")
        project, colon, named = rest.partition(":")
        if not user:
            raise InvalidToken
        usual = ["admin" if user == "admin" else "member"]
        document: dict[str, Any] = {"user": {"id": user, "name": user, "domain": _DOMAIN}}
        if not (colon or project):
            project = user
        if project:
            document["project"] = {"id": project, "name": project, "domain": _DOMAIN}
            roles = effective(named.split(",") if named else usual)
            document["roles"] = [{"name": role} for role in roles]
        return {"token": document}


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Token]:
    authenticator = Authenticator({"compute": Claimed()})
    return lambda application: Token(application, authenticator)
