"""The log of what was done to a server, as Nova shows it, by version."""

from typing import Any

from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.api.views.servers import host_id
from minicloud.db.models import InstanceAction, InstanceEvent


def show(row: InstanceAction, version: int) -> dict[str, Any]:
    shown = {
        "action": row.action,
        "instance_uuid": row.instance_uuid,
        "request_id": row.request_id,
        "user_id": row.user_id,
        "project_id": row.project_id,
        "start_time": precise(row.start_time),
        "message": row.message,
    }
    if version >= Since.ACTION_PAGING:
        shown["updated_at"] = precise(row.updated_at)
    return shown


def event(
    row: InstanceEvent, project_id: str, version: int, *, full: bool, details: bool
) -> dict[str, Any]:
    """`full`: with what tells of the inside of the cloud."""
    shown: dict[str, Any] = {
        "event": row.event,
        "start_time": precise(row.start_time),
        "finish_time": precise(row.finish_time),
        "result": row.result,
    }
    if full:
        shown["traceback"] = None
    if version >= Since.EVENT_HOST:
        shown["hostId"] = host_id(project_id, row.host)
        if full:
            shown["host"] = row.host
    if version >= Since.EVENT_DETAILS and details:
        shown["details"] = row.details
    return shown
