"""GET /servers/{server_id}/ips"""

import webob

from minicloud import errors
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views.servers import plain_addresses
from minicloud.db.models import Instance
from minicloud.zones.base import Zone


class ServerIps:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        return reply(
            {"addresses": plain_addresses(self._server(req, server_id, policies.IPS_INDEX))}
        )

    def show(self, req: ApiRequest, server_id: str, network: str) -> webob.Response:
        found = plain_addresses(self._server(req, server_id, policies.IPS_SHOW))
        if network not in found:
            raise errors.NotFound("Instance is not a member of specified network")
        return reply({network: found[network]})

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
        return server
