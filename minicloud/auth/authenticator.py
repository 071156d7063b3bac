"""Lets keystonemiddleware look at a request, and takes over what it found out; one for all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minicloud.auth.caller import MARKS, Caller, caller_of
from minicloud.errors import IdentityUnavailable, Unauthorized

Protocol = Callable[[dict[str, Any], Any], Iterable[bytes]]  # a WSGI application
ADMITTED = "204 No Content"


class Authenticator:
    """`protocols`: keystonemiddleware's, one for each service; 204 says that the token is valid.

    `identity_url` is where clients get their tokens when that is not here.
    """

    def __init__(self, protocols: Mapping[str, Protocol], identity_url: str = "") -> None:
        self._protocols = protocols
        self.identity_url = identity_url

    def admit(self, environ: dict[str, Any], service: str = "compute") -> Caller:
        """Who asks; Unauthorized when that is nobody."""
        self.mark(environ, service)
        caller = caller_of(environ)
        if caller is None:
            raise Unauthorized
        return caller

    def mark(self, environ: dict[str, Any], service: str = "compute") -> None:
        """Leave the marks of who asks; Unauthorized when that is nobody."""
        for mark in MARKS:
            environ.pop(mark, None)
        asked = dict(environ)  # what the protocol writes for others stays in there
        asked["SCRIPT_NAME"] = ""  # rules of access name paths as the service's reference does
        said: list[str] = []

        def start(status: str, _headers: Any, _error: Any = None) -> None:
            said.append(status)

        for _chunk in self._protocols[service](asked, start):
            pass
        if said[-1].startswith("503"):
            raise IdentityUnavailable
        if said[-1] != ADMITTED:
            raise Unauthorized
        environ.update({mark: asked[mark] for mark in MARKS if mark in asked})
