"""Aggregates as Nova shows them."""

from typing import Any

from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.zones.base import AggregateView


def show(view: AggregateView, version: int) -> dict[str, Any]:
    row = view.row
    shown = {
        "id": row.id,
        "name": row.name,
        "availability_zone": row.meta.get("availability_zone"),
        "hosts": list(view.hosts),
        "metadata": dict(row.meta),
        "created_at": precise(row.created_at),
        "updated_at": precise(row.updated_at) if row.updated_at != row.created_at else None,
        "deleted": False,
        "deleted_at": None,
    }
    if version >= Since.AGGREGATE_UUID:
        shown["uuid"] = row.uuid
    return shown


def created(view: AggregateView, version: int) -> dict[str, Any]:
    """The answer to a create leaves out what cannot be there yet."""
    shown = show(view, version)
    return {key: value for key, value in shown.items() if key not in ("hosts", "metadata")}
