"""GET /limits"""

import webob

from minicloud.api.contract import answers
from minicloud.api.policies import limits as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import limits as schemas
from minicloud.api.views import limits as views
from minicloud.zones.base import Zone


class Limits:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._limits, self._policy = zone.limits, policy

    @answers(query=schemas.SHOW)
    def index(self, req: ApiRequest) -> webob.Response:
        project_id = req.query(schemas.SHOW).get("tenant_id") or req.context.project_id
        if project_id != req.context.project_id:
            self._policy.check(req.context, policies.OTHER_PROJECT, {"project_id": project_id})
        limits = self._limits.absolute(req.context, project_id)
        usage = self._limits.usage(req.context, project_id)
        return reply(views.show(limits, usage, req.version))
