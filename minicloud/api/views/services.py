"""Services as Nova shows them, by version."""

from typing import Any

from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.zones.base import ServiceView


def show(view: ServiceView, version: int) -> dict[str, Any]:
    row = view.row
    shown = {
        "id": row.uuid if version >= Since.UUIDS_OF_HOSTS else row.id,
        "binary": row.binary,
        "host": row.host,
        "zone": view.zone,
        "status": "disabled" if row.disabled else "enabled",
        "state": "up" if view.up else "down",
        "updated_at": precise(row.last_seen_up or row.updated_at),
        "disabled_reason": row.disabled_reason,
    }
    if version >= Since.FORCED_DOWN:
        shown["forced_down"] = row.forced_down
    return shown
