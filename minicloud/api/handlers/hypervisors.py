"""GET /os-hypervisors"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import hypervisors as schemas
from minicloud.api.schemas.forms import is_uuid
from minicloud.api.schemas.query import Asked
from minicloud.api.versions import Since
from minicloud.api.views import hypervisors as views
from minicloud.context import RequestContext
from minicloud.db.models import Instance
from minicloud.zones.base import HypervisorView, Page, ServerFilters, Zone

_EVERY: Final = Page(limit=1_000_000, sort=(("id", "asc"),))
_BY_ID: Final = (("id", "asc"),)
Show = Callable[[HypervisorView, int], dict[str, Any]]


class Hypervisors:
    def __init__(self, zone: Zone) -> None:
        self._hosts, self._servers = zone.hosts, zone.servers

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        return self._list(req, views.brief)

    @answers(query=schemas.LIST)
    def detail(self, req: ApiRequest) -> webob.Response:
        return self._list(req, views.detail)

    @answers(query=schemas.SHOW)
    def show(self, req: ApiRequest, ref: str) -> webob.Response:
        asked = req.query(schemas.SHOW)
        view = self._one(req, ref)
        shown = views.detail(view, req.version) | self._with_servers(req, asked, view)
        return reply({"hypervisor": shown})

    def statistics(self, req: ApiRequest) -> webob.Response:
        found = self._hosts.hypervisors(req.context, _EVERY)
        in_use = [view for view in found if not view.service.disabled]
        return reply({"hypervisor_statistics": views.statistics(in_use)})

    @answers(refuses=(501,))
    def uptime(self, req: ApiRequest, ref: str) -> webob.Response:
        self._one(req, ref)
        raise errors.Unsupported("Virt driver does not implement uptime function.")

    def search(self, req: ApiRequest, ref: str) -> webob.Response:
        found = self._matching(req.context, ref)
        return reply({"hypervisors": [views.brief(view, req.version) for view in found]})

    def servers(self, req: ApiRequest, ref: str) -> webob.Response:
        shown = []
        for view in self._matching(req.context, ref):
            rows = self._servers_on(req.context, view.node.host)
            held = {"servers": views.servers(rows)} if rows else {}
            shown.append(views.brief(view, req.version) | held)
        return reply({"hypervisors": shown})

    def _list(self, req: ApiRequest, show: Show) -> webob.Response:
        asked = req.query(schemas.LIST)
        page = req.page(asked, _BY_ID) if req.version >= Since.HYPERVISOR_PAGING else _EVERY
        pattern = asked.get("hypervisor_hostname_pattern")
        if pattern is not None:
            if "limit" in asked or "marker" in asked:
                raise errors.BadRequest(
                    "Paging over hypervisors with the hypervisor_hostname_pattern query "
                    "parameter is not supported."
                )
            found = self._matching(req.context, pattern)
        else:
            found = self._hosts.hypervisors(req.context, page) if page.limit else []
        shown = [show(view, req.version) | self._with_servers(req, asked, view) for view in found]
        links = {} if pattern else req.next_links("hypervisors", page, _refs(shown))
        return reply({"hypervisors": shown, **links})

    def _one(self, req: ApiRequest, ref: str) -> HypervisorView:
        """By number before 2.53, by uuid from then on."""
        if not (is_uuid(ref) if req.version >= Since.UUIDS_OF_HOSTS else _is_number(ref)):
            raise errors.HypervisorNotFound(ref)
        return self._hosts.hypervisor(req.context, ref)

    def _matching(self, context: RequestContext, pattern: str) -> Sequence[HypervisorView]:
        every = self._hosts.hypervisors(context, _EVERY)
        found = [view for view in every if pattern in view.node.node]
        if not found:
            raise errors.NotFound(f"No hypervisor matching '{pattern}' could be found.")
        return found

    def _with_servers(self, req: ApiRequest, asked: Asked, view: HypervisorView) -> dict[str, Any]:
        if not asked.flag("with_servers"):
            return {}
        rows = self._servers_on(req.context, view.node.host)
        if not rows and req.version < Since.STRICT:
            return {}
        return {"servers": views.servers(rows)}

    def _servers_on(self, context: RequestContext, host: str) -> list[Instance]:
        filters = ServerFilters(equal={"host": host})
        found = self._servers.list(context, filters, Page(limit=1_000_000), detail=False)
        return [view.row for view in found]


def _refs(shown: list[dict[str, Any]]) -> list[str]:
    return [str(hypervisor["id"]) for hypervisor in shown]


def _is_number(ref: str) -> bool:
    return ref.isascii() and ref.isdigit() and len(ref) < 10
