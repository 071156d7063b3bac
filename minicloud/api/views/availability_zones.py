"""Availability zones as Nova shows them."""

from typing import Any

from minicloud.api.views.moments import precise
from minicloud.zones.base import ServiceView, ZoneView


def brief(zone: ZoneView) -> dict[str, Any]:
    return {"zoneName": zone.name, "zoneState": {"available": zone.available}, "hosts": None}


def detail(zone: ZoneView) -> dict[str, Any]:
    """With the services that are not disabled; a zone that has none has no hosts."""
    if not zone.available:
        return brief(zone)
    hosts = {
        host: {name: _service(view) for name, view in services.items() if not view.row.disabled}
        for host, services in zone.hosts.items()
    }
    return brief(zone) | {"hosts": {host: found for host, found in hosts.items() if found}}


def _service(view: ServiceView) -> dict[str, Any]:
    row = view.row
    return {
        "available": view.up,
        "active": not row.disabled,
        "updated_at": precise(view.standing.heard_at or row.last_seen_up or row.updated_at),
    }
