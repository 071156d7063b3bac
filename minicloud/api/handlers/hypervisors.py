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
from minicloud.db import rows
from minicloud.zones.base import HypervisorView, Page, Zone

_EVERY: Final = Page(limit=1_000_000, sort=(("id", "asc"),))
_BY_ID: Final = (("id", "asc"),)
Show = Callable[[HypervisorView, int], dict[str, Any]]


class Hypervisors:
    def __init__(self, zone: Zone) -> None:
        self._hosts = zone.hosts

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
        (shown,) = self._shown(req, asked, [view], views.detail)
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
        found = self._matching(req.context, ref)
        return reply({"hypervisors": self._with_servers(req, found, views.brief)})

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
        shown = self._shown(req, asked, found, show)
        links = {} if pattern else req.next_links("hypervisors", page, _refs(shown))
        return reply({"hypervisors": shown, **links})

    def _one(self, req: ApiRequest, ref: str) -> HypervisorView:
        """By number before 2.53, by uuid from then on."""
        by_uuid = req.version >= Since.UUIDS_OF_HOSTS
        if not (is_uuid(ref) if by_uuid else rows.number(ref)):
            raise errors.HypervisorNotFound(ref)
        return self._hosts.hypervisor(req.context, ref)

    def _matching(self, context: RequestContext, pattern: str) -> Sequence[HypervisorView]:
        every = self._hosts.hypervisors(context, _EVERY)
        found = [view for view in every if pattern in view.node.node]
        if not found:
            raise errors.NotFound(f"No hypervisor matching '{pattern}' could be found.")
        return found

    def _shown(
        self, req: ApiRequest, asked: Asked, found: Sequence[HypervisorView], show: Show
    ) -> list[dict[str, Any]]:
        if asked.flag("with_servers"):
            return self._with_servers(req, found, show)
        return [show(view, req.version) for view in found]

    def _with_servers(
        self, req: ApiRequest, found: Sequence[HypervisorView], show: Show
    ) -> list[dict[str, Any]]:
        """Before 2.75 one without servers has no list of them."""
        on = self._hosts.servers_on(req.context, [view.node.host for view in found])
        shown = []
        for view in found:
            servers = views.servers(on.get(view.node.host, ()))
            listed = bool(servers) or req.version >= Since.STRICT
            shown.append(show(view, req.version) | ({"servers": servers} if listed else {}))
        return shown


def _refs(shown: list[dict[str, Any]]) -> list[str]:
    return [str(hypervisor["id"]) for hypervisor in shown]
