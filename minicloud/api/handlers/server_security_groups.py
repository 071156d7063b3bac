"""GET /servers/{server_id}/os-security-groups: the names that a server was made with."""

import uuid
from typing import Final

import webob

from minicloud.api.handlers.of_server import OfServer, own_or_any
from minicloud.api.policies import server_attachments as policies
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest

_IDS: Final = uuid.UUID("f1a3d1c5-0f0a-5a55-8b61-5b1d1c0f6e0d")  # names become ids within it


class ServerSecurityGroups(OfServer):
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.SECURITY_GROUPS_LIST)
        view = self.servers.show(req.context, server_id, anywhere=own_or_any(req))
        project_id = server.project_id
        shown = [_shown(name, project_id) for name in view.security_groups]
        return reply({"security_groups": shown})


def _shown(name: str, project_id: str) -> dict[str, object]:
    """Nothing filters traffic here: a group has no rules, and its id follows from its name."""
    return {
        "id": str(uuid.uuid5(_IDS, f"{project_id}/{name}")),
        "name": name,
        "description": "",
        "tenant_id": project_id,
        "rules": [],
    }
