"""GET /servers/{server_id}/diagnostics"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import guests as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.versions import Since
from minicloud.api.views import diagnostics as views
from minicloud.zones.base import Zone


class Diagnostics:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._guests, self._policy = zone.servers, zone.guests, policy

    @answers(refuses=(409,))
    def show(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, policies.DIAGNOSTICS, server)
        node = self._guests.node_of(req.context, server)
        if req.version >= Since.DIAGNOSTICS_SCHEMA:
            return reply(views.fixed(server, node))
        return reply(views.free(server))
