"""Server actions that concern addresses and security groups."""

from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.absent import no_service
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import elsewhere as policies
from minicloud.api.reply import empty
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_networks as schemas
from minicloud.api.schemas.body import Body
from minicloud.db.models import Instance


class ServerNetworks(OfServer):
    @answers(202, body=schemas.ADD_GROUP, empty=True, refuses=(501,))
    def add_group(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._asked(req, server_id, policies.GROUPS_ADD, schemas.ADD_GROUP)
        no_service("network")

    @answers(202, body=schemas.REMOVE_GROUP, empty=True)
    def remove_group(self, req: ApiRequest, server_id: str) -> webob.Response:
        server, asked = self._asked(req, server_id, policies.GROUPS_REMOVE, schemas.REMOVE_GROUP)
        raise errors.NotFound(
            f"Security group {asked['name']} not found for project {server.project_id}."
        )

    @answers(202, body=schemas.ADD_FIXED_IP, empty=True, refuses=(501,))
    def add_fixed_ip(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._asked(req, server_id, policies.FIXED_ADD, schemas.ADD_FIXED_IP)
        no_service("network")

    @answers(202, body=schemas.REMOVE_FIXED_IP, empty=True, refuses=(501,))
    def remove_fixed_ip(self, req: ApiRequest, server_id: str) -> webob.Response:
        rule = policies.FIXED_REMOVE
        server, asked = self._asked(req, server_id, rule, schemas.REMOVE_FIXED_IP)
        if any(nic["address"] == asked["address"] for nic in server.addresses or ()):
            no_service("network")
        raise errors.BadRequest(
            f"Instance {server.uuid} does not have fixed IP '{asked['address']}'."
        )

    @answers(202, body=schemas.ADD_FLOATING_IP, empty=True, refuses=(501,))
    def add_floating_ip(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._asked(req, server_id, policies.FLOATING_ADD, schemas.ADD_FLOATING_IP)
        no_service("network")

    @answers(202, body=schemas.REMOVE_FLOATING_IP, empty=True)
    def remove_floating_ip(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._asked(req, server_id, policies.FLOATING_REMOVE, schemas.REMOVE_FLOATING_IP)
        raise errors.NotFound("floating IP not found")

    @answers(202, body=schemas.INJECT, empty=True)
    def inject_network_info(self, req: ApiRequest, server_id: str) -> webob.Response:
        """The server is told its addresses again, which never change."""
        self._asked(req, server_id, policies.INJECT, schemas.INJECT)
        return empty(202)

    def _asked(
        self, req: ApiRequest, server_id: str, rule: str, body: Body
    ) -> tuple[Instance, Any]:
        (asked,) = req.read(body).values()
        return self.server(req, server_id, rule), asked
