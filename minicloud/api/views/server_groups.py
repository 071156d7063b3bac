"""Server groups as Nova shows them, by version."""

from typing import Any

from minicloud.api.versions import Since
from minicloud.zones.server_groups import ServerGroupView


def show(view: ServerGroupView, version: int) -> dict[str, Any]:
    row = view.row
    shown: dict[str, Any] = {"id": row.uuid, "name": row.name, "members": list(view.members)}
    if version >= Since.GROUP_RULES:
        shown |= {"policy": row.policy, "rules": dict(row.rules)}
    else:
        shown |= {"policies": [row.policy], "metadata": {}}
    if version >= Since.GROUP_OWNER:
        shown |= {"project_id": row.project_id, "user_id": row.user_id}
    return shown
