"""/servers"""

from collections.abc import Sequence
from typing import Any, Final

import webob

from minicloud.api.contract import answers
from minicloud.api.faults import named_in_body
from minicloud.api.handlers.of_server import OfServer, own_or_any
from minicloud.api.handlers.server_create import ADDRESS, Creation, generated_password
from minicloud.api.handlers.server_filters import filters_of, sort_of
from minicloud.api.policies import servers as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import servers as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.views import servers as views
from minicloud.errors import FlavorNotFound, ImageNotFound
from minicloud.zones.base import Page, ServerView, Zone

_COLUMNS: Final = {
    "name": "display_name",
    "description": "display_description",
    "accessIPv4": "access_ip_v4",
    "accessIPv6": "access_ip_v6",
    "hostname": "hostname",
    "OS-DCF:diskConfig": "disk_config",
    "pinned_availability_zone": "availability_zone",
}


class Servers(OfServer):
    def __init__(self, zone: Zone, policy: Policy) -> None:
        super().__init__(zone, policy)
        self._acts = zone.acts
        self._creation = Creation(zone, policy)

    @answers(202, body=schemas.CREATE, refuses=(422,), room="check_room")
    def create(self, req: ApiRequest) -> webob.Response:
        body = req.read(schemas.CREATE)
        wanted = body["server"]
        new = self._creation.wanted(req, body)
        with named_in_body(FlavorNotFound, ImageNotFound):
            created = self.servers.create(req.context, new)
        replayed = [("Idempotent-Replayed", "true")] if created.replayed else []
        if is_true(wanted.get("return_reservation_id", False)):
            return reply({"reservation_id": created.reservation_id}, 202, headers=replayed)
        ref = created.servers[0].uuid
        shown = {
            "id": ref,
            "links": req.links.of("servers", ref),
            "OS-DCF:diskConfig": new.disk_config,
            "security_groups": [{"name": name} for name in new.security_groups],
        }
        if "adminPass" in wanted or not created.replayed:
            shown["adminPass"] = wanted.get("adminPass") or generated_password()
        headers = [("Location", req.links.to("servers", ref)), *replayed]
        return reply({"server": shown}, 202, headers=headers)

    def check_room(self, req: ApiRequest) -> None:
        new = self._creation.wanted(req, req.read(schemas.CREATE))
        with named_in_body(FlavorNotFound, ImageNotFound):
            self.servers.check_room(req.context, new)

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        found, page = self._list(req, policies.INDEX_ALL)
        return _listed(req, [views.brief(view.row, req.links) for view in found], page)

    @answers(query=schemas.LIST)
    def detail(self, req: ApiRequest) -> webob.Response:
        shape = views.Shape.of(req, self.policy)
        found, page = self._list(req, policies.DETAIL_ALL, shape)
        return _listed(req, [views.detail(view, shape) for view in found], page)

    def show(self, req: ApiRequest, server_id: str) -> webob.Response:
        view = self.servers.show(req.context, server_id, anywhere=own_or_any(req))
        self.policy.check_owned(req.context, policies.SHOW, view.row)
        shape = views.Shape.of(req, self.policy)
        return reply({"server": views.detail(view, shape, alone=True)})

    @answers(body=schemas.UPDATE)
    def update(self, req: ApiRequest, server_id: str) -> webob.Response:
        wanted = req.read(schemas.UPDATE)["server"]
        server = self.server(req, server_id, policies.UPDATE)
        view = self.servers.update(req.context, server.uuid, _changes(req, wanted))
        shape = views.Shape.of(req, self.policy)
        return reply({"server": views.changed(view, shape)})

    @answers(204)
    def delete(self, req: ApiRequest, server_id: str) -> webob.Response:
        server = self.server(req, server_id, policies.DELETE)
        self._acts.delete(req.context, server)
        return empty(204)

    def _list(
        self, req: ApiRequest, rule_for_all: str, shape: views.Shape | None = None
    ) -> tuple[Sequence[ServerView], Page]:
        """`shape`: of servers in detail."""
        asked = req.query(schemas.LIST)
        page = req.page(asked, sort_of(req, asked))
        filters = filters_of(req, asked, self.policy, rule_for_all)
        if filters is None or not page.limit:
            return [], page
        found = self.servers.list(
            req.context,
            filters,
            page,
            detail=shape is not None,
            user_data=shape is not None and shape.user_data,
        )
        return found, page


def _changes(req: ApiRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    """Columns and their values."""
    changes = {}
    for name, value in wanted.items():
        if name in ADDRESS:
            changes[_COLUMNS[name]] = ADDRESS[name](name, value) if value else None
        elif name in _COLUMNS:
            changes[_COLUMNS[name]] = value.strip() if req.legacy and value else value
    return changes


def _listed(req: ApiRequest, shown: list[dict[str, Any]], page: Page) -> webob.Response:
    links = req.next_links("servers", page, [server["id"] for server in shown])
    return reply({"servers": shown, **links})
