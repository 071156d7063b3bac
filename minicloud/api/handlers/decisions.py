"""GET /servers/{server_id}/scheduling"""

import webob

from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import decisions as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views import decisions as views
from minicloud.zones.base import Zone


class Decisions(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._scheduling = zone.scheduling

    def show(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.SHOW)
        whose = {"project_id": server.project_id, "user_id": server.user_id}
        hosts = self.policy.allows(req.context, policies.HOSTS, whose)
        action = self._scheduling.last(req.context, server)
        return reply({"scheduling": views.show(action, hosts=hosts)})
