"""/os-server-groups"""

from collections.abc import Mapping
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.policies import server_groups as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import server_groups as schemas
from minicloud.api.versions import Since
from minicloud.api.views import server_groups as views
from minicloud.zones.base import Zone
from minicloud.zones.server_groups import ServerGroupView


class ServerGroups:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._groups, self._policy = zone.server_groups, policy

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        everywhere = "all_projects" in asked  # whatever its value, as in Nova
        if everywhere:
            self._policy.check(req.context, policies.INDEX_ALL)
        limit = req.page(asked).limit or req.settings.max_limit
        offset = int(asked.get("offset") or 0)
        found = self._groups.list(req.context, limit, offset, everywhere=everywhere)
        return reply({"server_groups": [views.show(view, req.version) for view in found]})

    @answers(body=schemas.CREATE, room="check_room")
    def create(self, req: ApiRequest) -> webob.Response:
        name, policy, rules = _wanted(req)
        return _one(req, self._groups.create(req.context, name, policy, rules))

    def check_room(self, req: ApiRequest) -> None:
        _wanted(req)
        self._groups.check_room(req.context)

    def show(self, req: ApiRequest, server_group_id: str) -> webob.Response:
        return _one(req, self._find(req, server_group_id, policies.SHOW))

    @answers(204)
    def delete(self, req: ApiRequest, server_group_id: str) -> webob.Response:
        view = self._find(req, server_group_id, policies.DELETE)
        self._groups.delete(req.context, view.row)
        return empty(204)

    def _find(self, req: ApiRequest, ref: str, rule: str) -> ServerGroupView:
        view = self._groups.show(req.context, ref, anywhere=req.context.is_admin)
        self._policy.check_owned(req.context, rule, view.row)
        return view


def _wanted(req: ApiRequest) -> tuple[str, str, dict[str, int]]:
    wanted = req.read(schemas.CREATE)["server_group"]
    name = wanted["name"].strip() if req.legacy else wanted["name"]
    return name, *_policy(req, wanted)


def _policy(req: ApiRequest, wanted: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    """The policy and its rules; before 2.64 there were none."""
    if req.version < Since.GROUP_RULES:
        return wanted["policies"][0], {}
    rules = {name: int(value) for name, value in wanted.get("rules", {}).items()}
    if rules and wanted["policy"] != "anti-affinity":
        raise errors.BadRequest("Only anti-affinity policy supports rules.")
    return wanted["policy"], rules


def _one(req: ApiRequest, view: ServerGroupView) -> webob.Response:
    return reply({"server_group": views.show(view, req.version)})
