"""GET /limits"""

from typing import Any

import webob

from minicloud.api.contract import answers
from minicloud.api.policies import limits as policies
from minicloud.api.policy import Policy
from minicloud.api.ratelimit.limiter import Caller, Limiter
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import limits as schemas
from minicloud.api.views import limits as views
from minicloud.api.views import rates
from minicloud.context import RequestContext
from minicloud.zones.base import Zone


class Limits:
    def __init__(self, zone: Zone, policy: Policy, limiter: Limiter | None) -> None:
        self._limits, self._policy, self._limiter = zone.limits, policy, limiter

    @answers(query=schemas.SHOW)
    def index(self, req: ApiRequest) -> webob.Response:
        project_id = req.query(schemas.SHOW).get("tenant_id") or req.context.project_id
        if project_id != req.context.project_id:
            self._policy.check(req.context, policies.OTHER_PROJECT, {"project_id": project_id})
        limits = self._limits.absolute(req.context, project_id)
        usage = self._limits.usage(req.context, project_id)
        return reply(views.show(limits, usage, self._rates(req.context), req.version))

    def _rates(self, context: RequestContext) -> list[Any]:
        """The caller's own, whichever project the quota is of."""
        if self._limiter is None:
            return []
        caller = Caller(context.user_id, context.project_id)
        return rates.show(self._limiter.levels_of(caller), self._limiter.now())
