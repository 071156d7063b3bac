"""/os-instance_usage_audit_log: nothing here sends audits, and that is what it tells."""

from datetime import datetime
from typing import Any

import webob

from minicloud import errors
from minicloud.api.reply import reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas.query import instant
from minicloud.api.views import usages as views
from minicloud.servicegroup.base import COMPUTE
from minicloud.zones.base import Zone


class UsageAudits:
    def __init__(self, zone: Zone) -> None:
        self._usages, self._hosts = zone.usages, zone.hosts

    def index(self, req: ApiRequest) -> webob.Response:
        log = self._log(req, self._usages.now(req.context))
        return reply({"instance_usage_audit_logs": log})

    def show(self, req: ApiRequest, before: str) -> webob.Response:
        try:
            moment = instant(before)
        except errors.BadRequest as error:
            raise errors.BadRequest(f"Invalid timestamp for date {before}") from error
        return reply({"instance_usage_audit_log": self._log(req, moment)})

    def _log(self, req: ApiRequest, before: datetime) -> dict[str, Any]:
        hosts = sorted(view.row.host for view in self._hosts.services(req.context, binary=COMPUTE))
        return views.audits(hosts, *_month_before(before))


def _month_before(moment: datetime) -> tuple[datetime, datetime]:
    """The last month that was over."""
    end = datetime(moment.year, moment.month, 1)
    if (end.year, end.month) == (1, 1):
        raise errors.BadRequest(f"Invalid timestamp for date {moment}")
    begin = end.replace(month=end.month - 1) if end.month > 1 else datetime(end.year - 1, 12, 1)
    return begin, end
