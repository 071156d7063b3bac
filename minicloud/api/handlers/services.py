"""/os-services"""

from collections.abc import Mapping
from typing import Any, Final

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import services as schemas
from minicloud.api.schemas.fields import is_true
from minicloud.api.schemas.forms import is_uuid
from minicloud.api.versions import Since
from minicloud.api.views import services as views
from minicloud.db.models import Service
from minicloud.zones.base import Zone

_ENABLED: Final[Mapping[str, Any]] = {"disabled": False, "disabled_reason": None}


class Services:
    def __init__(self, zone: Zone) -> None:
        self._hosts, self._services = zone.hosts, zone.services

    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        asked = req.query(schemas.LIST)
        found = self._hosts.services(
            req.context, host=asked.get("host"), binary=asked.get("binary")
        )
        shown = [views.show(view, req.version) for view in found]
        store = self._hosts.service_store(req.context)
        return reply({"services": shown}, headers=[views.source(store, found)])

    @answers(body=schemas.ORDER)
    def order(self, req: ApiRequest, service_id: str) -> webob.Response:
        """Before 2.53 the address says what to do, and the body to which service."""
        wanted = req.read(schemas.ORDER)
        facts, said = _ordered(service_id, wanted, req.version)
        service = self._services.named(req.context, wanted["host"], wanted["binary"])
        self._services.change(req.context, service, facts)
        return reply({"service": {"host": service.host, "binary": service.binary, **said}})

    @answers(body=schemas.UPDATE)
    def update(self, req: ApiRequest, service_id: str) -> webob.Response:
        wanted = req.read(schemas.UPDATE)
        service = self._find(req, service_id)
        self._services.change(req.context, service, _facts(wanted))
        views_of_it = self._hosts.services(req.context, host=service.host, binary=service.binary)
        if not views_of_it:
            raise errors.ServiceNotFound(service_id)
        return reply({"service": views.show(views_of_it[0], req.version)})

    @answers(204)
    def delete(self, req: ApiRequest, service_id: str) -> webob.Response:
        self._services.remove(req.context, self._find(req, service_id))
        return empty(204)

    def _find(self, req: ApiRequest, ref: str) -> Service:
        """By number before 2.53, by uuid from then on."""
        if is_uuid(ref) != (req.version >= Since.UUIDS_OF_HOSTS):
            raise errors.ServiceNotFound(ref)
        return self._services.find(req.context, ref)


def _ordered(
    order: str, wanted: Mapping[str, Any], version: int
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(what changes, what is answered)"""
    if order == "enable":
        return _ENABLED, {"status": "enabled"}
    if order == "disable":
        return {"disabled": True, "disabled_reason": None}, {"status": "disabled"}
    if order == "disable-log-reason":
        if "disabled_reason" not in wanted:
            raise errors.BadRequest("Missing disabled reason field")
        reason = {"disabled_reason": wanted["disabled_reason"]}
        return {"disabled": True, **reason}, {"status": "disabled", **reason}
    if order == "force-down" and version >= Since.FORCED_DOWN:
        if "forced_down" not in wanted:
            raise errors.BadRequest("Missing forced_down field")
        forced = {"forced_down": is_true(wanted["forced_down"])}
        return forced, forced
    raise errors.NotFound("Unknown action")


def _facts(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns that change."""
    facts: dict[str, Any] = {}
    if wanted.get("status") == "enabled":
        if "disabled_reason" in wanted:
            raise errors.BadRequest(
                "Specifying 'disabled_reason' with status 'enabled' is invalid."
            )
        facts |= _ENABLED
    elif "status" in wanted:
        facts |= {"disabled": True, "disabled_reason": wanted.get("disabled_reason")}
    if "forced_down" in wanted:
        facts["forced_down"] = is_true(wanted["forced_down"])
    if not facts:
        raise errors.BadRequest(
            "No updates were requested. Fields 'status' or 'forced_down' should be specified."
        )
    return facts
