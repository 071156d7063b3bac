"""GET /os-services"""

import webob

from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import services as schemas
from minicloud.api.views import services as views
from minicloud.zones.base import Zone


class Services:
    def __init__(self, zone: Zone) -> None:
        self._hosts = zone.hosts

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        found = self._hosts.services(
            req.context, host=asked.get("host"), binary=asked.get("binary")
        )
        return reply({"services": [views.show(view, req.version) for view in found]})
