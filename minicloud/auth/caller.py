"""Who asks, as keystonemiddleware has marked the request.

Its marks are objects in the WSGI environ. What a client sends arrives as text under names that
begin with HTTP_, so no client can write them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from keystoneauth1.access import AccessInfo
from keystoneauth1.identity.base import BaseIdentityPlugin

TOKEN_INFO: Final = "keystone.token_info"
TOKEN_AUTH: Final = "keystone.token_auth"
MARKS: Final = (TOKEN_INFO, TOKEN_AUTH)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a valid token stands for; without a project it opens nothing but documents."""

    user_id: str
    user_name: str | None
    user_domain_id: str | None
    project_id: str | None
    project_name: str | None
    project_domain_id: str | None
    roles: tuple[str, ...]
    service: "Caller | None" = None  # the service that passes the request on, by its own token

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


def caller_of(environ: Mapping[str, Any]) -> Caller | None:
    """None for a request that no authenticator has marked."""
    auth = environ.get(TOKEN_AUTH)
    if environ.get(TOKEN_INFO) is None or not isinstance(auth, BaseIdentityPlugin):
        return None
    user: Any = auth  # keystonemiddleware's plug-in, which tells both tokens
    if not isinstance(user.user, AccessInfo):
        return None
    return _caller(user.user, _caller(user.service) if user.service else None)


def _caller(access: Any, service: Caller | None = None) -> Caller:
    return Caller(
        access.user_id,
        access.username,
        access.user_domain_id,
        access.project_id,
        access.project_name,
        access.project_domain_id,
        tuple(access.role_names),
        service,
    )
