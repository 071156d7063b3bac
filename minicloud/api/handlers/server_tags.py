"""/servers/{server_id}/tags"""

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import server_tags as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_tags as schemas
from minicloud.zones.base import Zone


class ServerTags(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._labels = zone.labels

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.INDEX)
        return reply({"tags": list(self._labels.tags(req.context, server))})

    @answers(204)
    def show(self, req: ApiRequest, server_id: str, tag: str) -> webob.Response:
        server = self.server(req, server_id, policies.SHOW)
        if tag not in self._labels.tags(req.context, server):
            raise errors.TagNotFound(server.uuid, tag)
        return empty(204)

    @answers(body=schemas.REPLACE)
    def update_all(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.REPLACE)["tags"]
        server = self.server(req, server_id, policies.UPDATE_ALL)
        return reply({"tags": list(self._labels.replace_tags(req.context, server, wanted))})

    @answers(204)
    def delete_all(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.DELETE_ALL)
        self._labels.clear_tags(req.context, server)
        return empty(204)

    @answers(201, 204, empty=True)
    def update(self, req: ApiRequest, server_id: str, tag: str) -> webob.Response:
        _check(tag)
        _refuse_body(req)
        server = self.server(req, server_id, policies.UPDATE)
        if not self._labels.add_tag(req.context, server, tag):
            return empty(204)
        response = empty(201)
        response.headers["Location"] = req.links.to("servers", server.uuid, "tags", tag)
        return response

    @answers(204)
    def delete(self, req: ApiRequest, server_id: str, tag: str) -> webob.Response:
        server = self.server(req, server_id, policies.DELETE)
        self._labels.delete_tag(req.context, server, tag)
        return empty(204)


def _refuse_body(req: ApiRequest) -> None:
    if req.environ.get("CONTENT_LENGTH") not in (None, "", "0") and req.json is not None:
        raise errors.BadRequest("The tag is in the address; a body is not expected.")


def _check(tag: str) -> None:
    """The tag of a path; its slash would have made another path of it."""
    if "," in tag or len(tag) > schemas.LONGEST:
        reason = "it is too long" if len(tag) > schemas.LONGEST else "it has a comma"
        raise errors.BadRequest(
            f"Tag '{tag}' is invalid. It must be a non empty string without characters '/' "
            f"and ','. Validation error message: {reason}"
        )
