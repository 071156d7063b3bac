"""What is answered here when a real Keystone has the tokens."""

import webob

from minicloud.errors import NotFound
from minicloud.runtime.wsgi import Call, Route

_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def table(identity_url: str) -> list[Route]:
    def nothing(_call: Call) -> webob.Response:
        raise NotFound(f"The identity service of this cloud is at {identity_url}.")

    return [Route(verb, "/{path:.*}", nothing) for verb in _VERBS]
