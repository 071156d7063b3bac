"""GET /, GET /v2.1/, and whatever lacks a version."""

import webob

from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views import versions as views


class Versions:
    def index(self, req: ApiRequest) -> webob.Response:
        return reply(views.index(req.mount))

    def show(self, req: ApiRequest) -> webob.Response:
        return reply(views.show(req.mount, req.place.version or "v2.1"))

    def choices(self, req: ApiRequest) -> webob.Response:
        return reply(views.choices(req.mount, req.place.path), 300)
