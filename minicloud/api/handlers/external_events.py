"""POST /os-server-external-events: what other services tell of servers. Nobody waits for it."""

import logging
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import external_events as schemas
from minicloud.zones.base import Zone

LOG = logging.getLogger(__name__)
_POWER: Final = ("POWER_ON", "POWER_OFF")


class ExternalEvents:
    def __init__(self, zone: Zone) -> None:
        self._guests = zone.guests

    @answers(200, 207, body=schemas.CREATE)
    def create(self, req: ApiRequest) -> webob.Response:
        events = req.read(schemas.CREATE)["events"]
        refs = {str(UUID(event["server_uuid"])) for event in events}
        hosts = self._guests.hosts_of(req.context, sorted(refs))
        shown = [_judged(event, hosts) for event in events]
        accepted = [event for event in shown if event["code"] == 200]
        if not accepted:
            raise errors.NotFound("No instances found for any event")
        for event in accepted:
            LOG.info("%s of %s: %s", event["name"], event["server_uuid"], event["status"])
        return reply({"events": shown}, 200 if len(accepted) == len(shown) else 207)


def _judged(event: Mapping[str, Any], hosts: Mapping[str, str | None]) -> dict[str, Any]:
    """The event with its code: whether there is a host that could be told."""
    ref = str(UUID(event["server_uuid"]))
    if ref not in hosts:
        code = 404
    elif hosts[ref] is None:
        code = 422
    elif event["name"] == "power-update" and event.get("tag") not in _POWER:
        code = 400
    else:
        code = 200
    status = event.get("status", "completed") if code == 200 else "failed"
    return {**event, "status": status, "code": code}
