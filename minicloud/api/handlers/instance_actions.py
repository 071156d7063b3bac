"""GET /servers/{server_id}/os-instance-actions"""

import webob

from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import OfServer
from minicloud.api.policies import instance_actions as policies
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import instance_actions as schemas
from minicloud.api.versions import Since
from minicloud.api.views import instance_actions as views
from minicloud.db.models import Instance
from minicloud.zones.base import ActionFilters


class InstanceActions(OfServer):
    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        asked = req.query(schemas.LIST)
        page = req.page(asked)
        self._server(req, server_id, policies.LIST)
        wanted = ActionFilters(page.limit, page.marker, *asked.changed())
        rows = self.servers.actions(req.context, server_id, wanted)
        shown: dict[str, object] = {
            "instanceActions": [views.show(row, req.version) for row in rows]
        }
        if req.version >= Since.ACTION_PAGING:
            shown |= req.next_links("instanceActions", page, [row.request_id for row in rows])
        return reply(_renamed(shown))

    def show(self, req: ApiRequest, server_id: str, request_id: str) -> webob.Response:
        server = self._server(req, server_id, policies.SHOW)
        view = self.servers.action(req.context, server_id, request_id)
        whose = {"project_id": server.project_id, "user_id": server.user_id}
        full = self.policy.allows(req.context, policies.EVENTS, whose)
        details = self.policy.allows(req.context, policies.DETAILS, whose)
        shown = views.show(view.row, req.version)
        if full or req.version >= Since.EVENTS_FOR_ALL:
            shown["events"] = [
                views.event(event, view.row.project_id, req.version, full=full, details=details)
                for event in view.events
            ]
        return reply({"instanceAction": shown})

    def _server(self, req: ApiRequest, server_id: str, rule: str) -> Instance:
        """From 2.21 on the log of a deleted server can be read as well."""
        deleted = req.version >= Since.ACTIONS_OF_DELETED
        return self.server(req, server_id, rule, deleted=deleted)


def _renamed(shown: dict[str, object]) -> dict[str, object]:
    """Nova's name for the links is not that of the list."""
    if "instanceActions_links" in shown:
        shown["links"] = shown.pop("instanceActions_links")
    return shown
