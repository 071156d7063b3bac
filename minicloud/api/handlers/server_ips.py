"""GET /servers/{server_id}/ips"""

import webob

from minicloud import errors
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import servers as policies
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views.servers import plain_addresses


class ServerIps(OfServer):
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        return reply(
            {"addresses": plain_addresses(self.server(req, server_id, policies.IPS_INDEX))}
        )

    def show(self, req: ApiRequest, server_id: str, network: str) -> webob.Response:
        found = plain_addresses(self.server(req, server_id, policies.IPS_SHOW))
        if network not in found:
            raise errors.NotFound("Instance is not a member of specified network")
        return reply({network: found[network]})
