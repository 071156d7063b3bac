"""Takes away every header by which an authenticator tells who asks: a client may not claim it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from minicloud.auth.caller import MARKS

_CLAIMS: Final = (
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
_PROOF: Final = "HTTP_X_SERVICE_TOKEN"  # claims nothing: it is looked at
_OTHERS: Final = ("REMOTE_USER", "AUTH_TYPE", *MARKS)


class IdentityHeaders:
    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        remove_claims(environ)
        chunks: Iterable[bytes] = self._application(environ, start_response)
        return chunks


def remove_claims(environ: dict[str, Any]) -> None:
    claims = [name for name in environ if name.startswith(_CLAIMS) and name != _PROOF]
    for name in (*claims, *_OTHERS):
        environ.pop(name, None)


def filter_factory(_global_conf: dict[str, str], **_local: str) -> Callable[[Any], Any]:
    return IdentityHeaders
