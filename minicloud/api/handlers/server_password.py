"""/servers/{server_id}/os-server-password"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import server_password as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.zones.base import Zone


class ServerPassword:
    """What a guest has told of its password, encrypted with its key; simulated ones tell none."""

    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._find(req, server_id, policies.SHOW)
        return reply({"password": ""})

    @answers(204)
    def clear(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._find(req, server_id, policies.CLEAR)
        return empty(204)

    def _find(self, req: ApiRequest, server_id: str, rule: str) -> None:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
