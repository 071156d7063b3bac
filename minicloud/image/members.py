"""Members of shared images, of which there are none: share an image with all, or with nobody."""

import webob

from minicloud.errors import NotFound, Unsupported
from minicloud.image.parts import Parts
from minicloud.runtime.wsgi import Call, Route, shown

_MANY = "/v2/images/{id}/members"


class Members:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        one = _MANY + "/{member_id}"
        return [
            Route("GET", _MANY, self.list),
            Route("POST", _MANY, self.create),
            *(Route(verb, one, self.missing) for verb in ("GET", "PUT", "DELETE")),
        ]

    def list(self, call: Call) -> webob.Response:
        self._parts.seen(call)
        return shown({"members": [], "schema": "/v2/schemas/members"})

    def create(self, call: Call) -> webob.Response:
        self._parts.own(call)
        raise Unsupported(
            "Images are not shared with single projects here: give it the visibility community."
        )

    def missing(self, call: Call) -> webob.Response:
        _caller, image = self._parts.seen(call)
        raise NotFound(f"{call.path['member_id'][:255]} is no member of image {image.id}.")
