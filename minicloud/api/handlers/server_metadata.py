"""GET /servers/{server_id}/metadata"""

import webob

from minicloud import errors
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import server_metadata as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.db.models import Instance
from minicloud.zones.base import Zone


class ServerMetadata:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self._server(req, server_id, policies.INDEX)
        return reply({"metadata": server.meta})

    def show(self, req: ApiRequest, server_id: str, key: str) -> webob.Response:
        server = self._server(req, server_id, policies.SHOW)
        if key not in server.meta:
            raise errors.NotFound("Metadata item was not found")
        return reply({"meta": {key: server.meta[key]}})

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
        return server
