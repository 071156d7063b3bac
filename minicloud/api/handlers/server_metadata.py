"""/servers/{server_id}/metadata"""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_metadata as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_metadata as schemas
from minicloud.zones.base import Zone


class ServerMetadata(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._labels = zone.labels

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.INDEX)
        return reply({"metadata": server.meta})

    def show(self, req: ApiRequest, server_id: str, key: str) -> webob.Response:
        server = self.server(req, server_id, policies.SHOW)
        if key not in server.meta:
            raise errors.NotFound("Metadata item was not found")
        return reply({"meta": {key: server.meta[key]}})

    @answers(body=schemas.ITEMS)
    def create(self, req: ApiRequest, server_id: str) -> webob.Response:
        """Merge in what is given."""
        items = req.read(schemas.ITEMS)["metadata"]
        server = self.server(req, server_id, policies.CREATE)
        return reply({"metadata": self._labels.merge_metadata(req.context, server, items)})

    @answers(body=schemas.ITEMS)
    def update_all(self, req: ApiRequest, server_id: str) -> webob.Response:
        items = req.read(schemas.ITEMS)["metadata"]
        server = self.server(req, server_id, policies.UPDATE_ALL)
        return reply({"metadata": self._labels.replace_metadata(req.context, server, items)})

    @answers(body=schemas.ONE_ITEM)
    def update(self, req: ApiRequest, server_id: str, key: str) -> webob.Response:
        item = req.read(schemas.ONE_ITEM)["meta"]
        if key not in item:
            raise errors.BadRequest("Request body and URI mismatch")
        server = self.server(req, server_id, policies.UPDATE)
        self._labels.merge_metadata(req.context, server, item)
        return reply({"meta": item})

    @answers(204)
    def delete(self, req: ApiRequest, server_id: str, key: str) -> webob.Response:
        server = self.server(req, server_id, policies.DELETE)
        self._labels.delete_metadata(req.context, server, key)
        return empty(204)
