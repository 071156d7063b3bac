"""Discovery as it was before microversions, and the addresses that are gone for good."""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views.extensions import EXTENSIONS


class Extensions:
    def index(self, req: ApiRequest) -> webob.Response:
        return reply({"extensions": list(EXTENSIONS.values())})

    def show(self, req: ApiRequest, alias: str) -> webob.Response:
        if alias not in EXTENSIONS:
            raise errors.NotFound("The resource could not be found.")
        return reply({"extension": EXTENSIONS[alias]})

    @answers(refuses=(410,))
    def gone(self, req: ApiRequest, **refs: str) -> webob.Response:
        raise errors.Gone
