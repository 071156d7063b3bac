"""GET /servers/{server_id}/os-volume_attachments"""

import webob

from minicloud import errors
from minicloud.api.handlers.servers import own_or_any
from minicloud.api.policies import server_attachments as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.db.models import Instance
from minicloud.zones.base import Zone


class ServerVolumes:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        self._server(req, server_id, policies.VOLUMES_INDEX)
        return reply({"volumeAttachments": []})

    def show(self, req: ApiRequest, server_id: str, ref: str) -> webob.Response:
        self._server(req, server_id, policies.VOLUMES_SHOW)
        raise errors.NotFound(f"volume_id not found: {ref}")

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        server = self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        self._policy.check_owned(req.context, rule, server)
        return server
