"""/os-quota-sets and /os-quota-class-sets"""

from collections.abc import Mapping
from typing import Any, Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.faults import invalid
from minicloud.api.policies import quota_sets as policies
from minicloud.api.policy import Policy
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import quota_sets as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.views import quota_sets as views
from minicloud.zones.base import Zone
from minicloud.zones.quotas import Allowance

_LONGEST_ID: Final = 64


class QuotaSets:
    def __init__(self, zone: Zone, policy: Policy) -> None:
        self._quotas, self._policy = zone.quotas, policy

    @answers(query=schemas.OF_USER)
    def show(self, req: ApiRequest, project_id: str) -> webob.Response:
        self._policy.check(req.context, policies.SHOW, {"project_id": project_id})
        shown = views.show(_limits(self._asked(req, project_id)), req.version)
        return reply({"quota_set": {"id": project_id, **shown}})

    @answers(query=schemas.OF_USER)
    def detail(self, req: ApiRequest, project_id: str) -> webob.Response:
        self._policy.check(req.context, policies.DETAIL, {"project_id": project_id})
        shown = views.detail(self._asked(req, project_id), req.version)
        return reply({"quota_set": {"id": project_id, **shown}})

    def defaults(self, req: ApiRequest, project_id: str) -> webob.Response:
        shown = views.show(self._quotas.defaults(req.context), req.version)
        return reply({"quota_set": {"id": project_id, **shown}})

    @answers(body=schemas.UPDATE, query=schemas.OF_USER)
    def update(self, req: ApiRequest, project_id: str) -> webob.Response:
        wanted = dict(req.read(schemas.UPDATE)["quota_set"])
        user_id = _owners(req, project_id)
        force = is_true(wanted.pop("force", False))
        changed = self._quotas.update(
            req.context, project_id, user_id, _numbers(wanted), force=force
        )
        return reply({"quota_set": views.show(_limits(changed), req.version)})

    @answers(202, query=schemas.OF_USER, empty=True)
    def delete(self, req: ApiRequest, project_id: str) -> webob.Response:
        self._quotas.delete(req.context, project_id, _owners(req, project_id))
        return empty(202)

    def _asked(self, req: ApiRequest, project_id: str) -> Mapping[str, Allowance]:
        user_id = req.query(schemas.OF_USER).get("user_id")
        return self._quotas.show(req.context, project_id, user_id or None)


class QuotaClassSets:
    def __init__(self, zone: Zone) -> None:
        self._quotas = zone.quotas

    def show(self, req: ApiRequest, name: str) -> webob.Response:
        shown = views.of_class(self._quotas.show_class(req.context, name), req.version)
        return reply({"quota_class_set": {"id": name, **shown}})

    @answers(body=schemas.UPDATE_CLASS)
    def update(self, req: ApiRequest, name: str) -> webob.Response:
        wanted = _numbers(req.read(schemas.UPDATE_CLASS)["quota_class_set"])
        changed = self._quotas.update_class(req.context, name, wanted)
        return reply({"quota_class_set": views.of_class(changed, req.version)})


def _owners(req: ApiRequest, project_id: str) -> str | None:
    """The user whose limits are meant, if any. Any name may be a project's or a user's."""
    user_id = req.query(schemas.OF_USER).get("user_id") or None
    for what, ref in (("Project", project_id), ("User", user_id or "")):
        if len(ref) > _LONGEST_ID:
            raise errors.BadRequest(f"{what} ID {ref} is not a valid {what.lower()}.")
    return user_id


def _limits(allowances: Mapping[str, Allowance]) -> Mapping[str, int]:
    return {name: allowance.limit for name, allowance in allowances.items()}


def _numbers(wanted: Mapping[str, Any]) -> Mapping[str, int]:
    """Numbers may come as texts, which a schema does not measure."""
    for name, value in wanted.items():
        if int(value) < schemas.LEAST:
            reason = f"{value} is less than the minimum of {schemas.LEAST}"
            raise invalid("field/attribute", name, value, reason)
        if int(value) > schemas.MOST:
            reason = f"{value} is greater than the maximum of {schemas.MOST}"
            raise invalid("field/attribute", name, value, reason)
    return {name: int(value) for name, value in wanted.items()}
