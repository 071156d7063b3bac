"""GET /servers/{server_id}/os-instance-actions"""

from collections.abc import Sequence

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.handlers.of_server import own_or_any
from minicloud.api.policies import instance_actions as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import instance_actions as schemas
from minicloud.api.schemas.query import Asked
from minicloud.api.versions import Since
from minicloud.api.views import instance_actions as views
from minicloud.db.models import InstanceAction
from minicloud.zones.base import Page, Zone


class InstanceActions:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._servers, self._policy = zone.servers, policy

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest, server_id: str) -> webob.Response:
        asked = req.query(schemas.LIST)
        page = req.page(asked)
        rows = _cut(_within(self._of(req, server_id), asked), page)
        shown: dict[str, object] = {
            "instanceActions": [views.show(row, req.version) for row in rows]
        }
        if req.version >= Since.ACTION_PAGING:
            shown |= req.next_links("instanceActions", page, [row.request_id for row in rows])
        return reply(_renamed(shown))

    def show(self, req: ApiRequest, server_id: str, request_id: str) -> webob.Response:
        self._of(req, server_id)
        view = self._servers.action(req.context, server_id, request_id)
        full = self._policy.allows(req.context, policies.EVENTS)
        details = self._policy.allows(req.context, policies.DETAILS)
        shown = views.show(view.row, req.version)
        if full or req.version >= Since.EVENTS_FOR_ALL:
            shown["events"] = [
                views.event(event, view.row.project_id, req.version, full=full, details=details)
                for event in view.events
            ]
        return reply({"instanceAction": shown})

    def _of(self, req: ApiRequest, server_id: str) -> Sequence[InstanceAction]:
        """The log of a server of the caller's own; from 2.21 also of one that is deleted.

        The first action, the create, was its owner's: later ones may be an administrator's.
        """
        rows = self._servers.actions(req.context, server_id)
        if req.version < Since.ACTIONS_OF_DELETED or not rows:
            self._servers.find(req.context, server_id, anywhere=own_or_any(req))
        elif not own_or_any(req) and rows[-1].project_id != req.context.project_id:
            raise errors.ServerNotFound(server_id)
        return rows


def _within(rows: Sequence[InstanceAction], asked: Asked) -> Sequence[InstanceAction]:
    since, before = asked.changed()
    return [
        row
        for row in rows
        if (since is None or row.updated_at >= since)
        and (before is None or row.updated_at <= before)
    ]


def _cut(rows: Sequence[InstanceAction], page: Page) -> Sequence[InstanceAction]:
    if page.marker is not None:
        places = [i for i, row in enumerate(rows) if row.request_id == page.marker]
        if not places:
            raise errors.BadRequest(f"Marker {page.marker} could not be found.")
        rows = rows[places[0] + 1 :]
    return rows[: page.limit]


def _renamed(shown: dict[str, object]) -> dict[str, object]:
    """Nova's name for the links is not that of the list."""
    if "instanceActions_links" in shown:
        shown["links"] = shown.pop("instanceActions_links")
    return shown
