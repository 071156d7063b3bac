"""/scheduling: what would become of servers; nothing does."""

from typing import Final

import webob

from minicloud.api.contract import answers
from minicloud.api.faults import named_in_body
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.handlers.server_create import Creation
from minicloud.api.policies import scheduling as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import scheduling as schemas
from minicloud.api.schemas.query import Asked
from minicloud.api.schemas.servers import CREATE
from minicloud.api.views import scheduling as views
from minicloud.errors import FlavorNotFound, ImageNotFound
from minicloud.zones.base import Zone

_USUAL: Final = 100
_MOST: Final = 1000


class Scheduling(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._scheduling = zone.scheduling
        self._creation = Creation(zone, policy)

    @answers(body=CREATE, query=schemas.WHAT_IF, refuses=(503,))
    def what_if(self, req: ApiRequest) -> webob.Response:
        """The body is that of a create, and is refused where a create would be."""
        asked = req.query(schemas.WHAT_IF)
        project = asked.get("project_id") or req.context.project_id
        body = req.read(CREATE)
        if project != req.context.project_id:
            self.policy.check(req.context, policies.WHAT_IF_FOR)
        wanted = self._creation.wanted(req, body)
        with named_in_body(FlavorNotFound, ImageNotFound):
            found = self._scheduling.what_if(req.context, wanted, _tell(asked), project)
        return reply({"what_if": views.prospect(found)})

    @answers(query=schemas.NOW, refuses=(503,))
    def now(self, req: ApiRequest, server_id: str) -> webob.Response:
        asked = req.query(schemas.NOW)
        server = self.server(req, server_id, policies.NOW)
        found = self._scheduling.now(req.context, server, _tell(asked))
        return reply({"what_if": {**views.prospect(found), "server": views.placed(server)}})


def _tell(asked: Asked) -> int:
    """Of how many hosts is told one by one."""
    return min(int(asked.get("limit") or _USUAL), _MOST)
