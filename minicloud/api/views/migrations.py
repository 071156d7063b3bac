"""Migrations as Nova shows them, by version."""

from typing import Any

from minicloud.api.request import Links
from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.db import moves
from minicloud.zones.migrations import MigrationView

_PROGRESS = ("total_bytes", "processed_bytes", "remaining_bytes")


def show(view: MigrationView, version: int, links: Links, *, hosts: bool) -> dict[str, Any]:
    """In the list of all. Without `hosts` it is not told from where to where."""
    row = view.row
    shown = _common(view, version, hosts=hosts) | {
        "instance_uuid": row.instance_uuid,
        "old_instance_type_id": row.old_flavor.get("id"),
        "new_instance_type_id": row.new_flavor.get("id"),
    }
    if version >= Since.MIGRATION_TYPE:
        shown["migration_type"] = row.migration_type
        if row.migration_type == moves.LIVE and row.status in moves.UNDER_WAY:
            path = f"servers/{row.instance_uuid}/migrations"
            shown["links"] = [
                {"rel": "self", "href": f"{links.self_base}/{path}/{row.id}"},
                {"rel": "bookmark", "href": f"{links.bookmark_base}/{path}/{row.id}"},
            ]
    return shown


def of_server(view: MigrationView, version: int, *, hosts: bool = True) -> dict[str, Any]:
    """A live migration under way. How many bytes have gone is not simulated."""
    shown = _common(view, version, hosts=hosts) | {"server_uuid": view.row.instance_uuid}
    for what in ("memory", "disk"):
        shown |= dict.fromkeys((f"{what}_{amount}" for amount in _PROGRESS), None)
    return shown


def _common(view: MigrationView, version: int, *, hosts: bool) -> dict[str, Any]:
    row = view.row
    shown = {
        "id": row.id,
        "source_compute": row.source_compute if hosts else None,
        "source_node": row.source_node if hosts else None,
        "dest_compute": row.dest_compute if hosts else None,
        "dest_host": view.dest_host if hosts else None,
        "dest_node": row.dest_node if hosts else None,
        "status": row.status,
        "created_at": precise(row.created_at),
        "updated_at": precise(row.updated_at),
    }
    if version >= Since.MIGRATION_PAGING:
        shown["uuid"] = row.uuid
    if version >= Since.MIGRATION_OWNER:
        shown["user_id"] = row.user_id
        shown["project_id"] = row.project_id
    return shown
