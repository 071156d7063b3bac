"""/servers/{server_id}/os-interface"""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.absent import no_service
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_attachments as policies
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.views import interfaces as views


class ServerInterfaces(OfServer):
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        row = self.server(req, server_id, policies.INTERFACES_LIST)
        return reply(
            {"interfaceAttachments": [views.show(nic, req.version) for nic in row.addresses or ()]}
        )

    def show(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        row = self.server(req, server_id, policies.INTERFACES_SHOW)
        for nic in row.addresses or ():
            if nic["port_id"] == ref:
                return reply({"interfaceAttachment": views.show(nic, req.version)})
        raise errors.NotFound(f"Port {ref} could not be found.")

    @answers(refuses=(501,))
    def create(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.INTERFACES_CREATE)
        no_service("network")

    def delete(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self.server(req, server_id, policies.INTERFACES_DELETE)
        raise errors.NotFound(f"Port {ref} could not be found.")
