"""/servers/{server_id}/os-server-password"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_password as policies
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest


class ServerPassword(OfServer):
    """What a guest has told of its password, encrypted with its key; simulated ones tell none."""

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.SHOW)
        return reply({"password": ""})

    @answers(204)
    def clear(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.CLEAR)
        return empty(204)
