"""GET /servers/{server_id}/diagnostics"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import guests as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.versions import Since
from minicloud.api.views import diagnostics as views
from minicloud.zones.base import Zone


class Diagnostics(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._guests = zone.guests

    @answers(refuses=(409,))
    def show(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.DIAGNOSTICS)
        node = self._guests.node_of(req.context, server)
        if req.version >= Since.DIAGNOSTICS_SCHEMA:
            return reply(views.fixed(server, node))
        return reply(views.free(server))
