"""/os-simple-tenant-usage"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.policies import usages as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import usages as schemas
from minicloud.api.schemas.query import Asked, instant
from minicloud.api.versions import Since
from minicloud.api.views.usages import Window
from minicloud.zones.base import Zone
from minicloud.zones.usages import Run

_YES: Final = ("1", "true")  # Nova knows the first, its own client says the second


class Usages:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._usages, self._policy = zone.usages, policy

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        window = self._window(req, asked)
        runs, links = self._page(req, asked, window, "tenant_usages")
        detailed = (asked.get("detailed") or "").lower() in _YES
        shown = window.projects(runs, detailed=detailed)
        return reply({"tenant_usages": shown, **links})

    @answers(query=schemas.SHOW)
    def show(self, req: ApiRequest, project_id: str) -> webob.Response:
        self._policy.check(req.context, policies.SHOW, {"project_id": project_id})
        asked = req.query(schemas.SHOW)
        window = self._window(req, asked)
        runs, links = self._page(req, asked, window, "tenant_usage", project_id)
        shown = window.projects(runs, detailed=True)
        return reply({"tenant_usage": shown[0] if shown else {}, **links})

    def _window(self, req: ApiRequest, asked: Asked) -> Window:
        """What is not said is now, and nothing is told of what is to come."""
        now = self._usages.now(req.context)
        begin, end = (_moment(asked.get(name), now) for name in ("start", "end"))
        if begin > end or (begin == end and ("start" in asked or "end" in asked)):
            raise errors.BadRequest(
                "Invalid start time. The start time cannot occur after the end time."
            )
        return Window(begin, min(end, now), now)

    def _page(
        self,
        req: ApiRequest,
        asked: Asked,
        window: Window,
        name: str,
        project_id: str | None = None,
    ) -> tuple[Sequence[Run], dict[str, Any]]:
        """Pages are of servers; before 2.40 there is no way beyond the first."""
        page = req.page(asked)
        if page.limit == 0:
            return [], {}
        runs = self._usages.list(
            req.context,
            window.begin,
            window.end,
            project_id=project_id,
            limit=page.limit,
            marker=page.marker,
        )
        if req.version < Since.USAGE_PAGING:
            return runs, {}
        return runs, req.next_links(name, page, [run.uuid for run in runs])


def _moment(text: str | None, now: datetime) -> datetime:
    return now if text is None else instant(text)
