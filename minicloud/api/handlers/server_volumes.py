"""/servers/{server_id}/os-volume_attachments and /servers/{server_id}/shares"""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.absent import no_service
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_attachments as policies
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_volumes as schemas


class ServerVolumes(OfServer):
    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        req.query(schemas.LIST)
        self.server(req, server_id, policies.VOLUMES_INDEX)
        return reply({"volumeAttachments": []})

    def show(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self.server(req, server_id, policies.VOLUMES_SHOW)
        raise errors.NotFound(f"volume_id not found: {ref}")

    @answers(refuses=(501,))
    def create(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.VOLUMES_CREATE)
        no_service("volume")

    def update(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self.server(req, server_id, policies.VOLUMES_UPDATE)
        raise errors.NotFound(f"volume_id not found: {ref}")

    def delete(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self.server(req, server_id, policies.VOLUMES_DELETE)
        raise errors.NotFound(f"volume_id not found: {ref}")


class ServerShares(OfServer):
    @answers(query=schemas.SHARES)
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        req.query(schemas.SHARES)
        self.server(req, server_id, policies.SHARES_INDEX)
        return reply({"shares": []})

    @answers(query=schemas.SHARES)
    def show(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        req.query(schemas.SHARES)
        self.server(req, server_id, policies.SHARES_SHOW)
        raise errors.NotFound(f"Share {ref} could not be found.")

    @answers(refuses=(501,))
    def create(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.SHARES_CREATE)
        no_service("share")

    def delete(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self.server(req, server_id, policies.SHARES_DELETE)
        raise errors.NotFound(f"Share {ref} could not be found.")


class ServerTopology(OfServer):
    """Guests here are not bound to memory nodes."""

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        self.server(req, server_id, policies.TOPOLOGY)
        return reply({"nodes": [], "pagesize_kb": None})
