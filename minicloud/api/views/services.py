"""Services as Nova shows them, by version."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.runtime.masking import masked
from minicloud.servicegroup.base import Store
from minicloud.zones.base import ServiceView

SOURCE: Final = "X-Minicloud-Service-Group"


def source(store: Store, views: Iterable[ServiceView]) -> tuple[str, str]:
    """A header that tells who says so; the body is Nova's, and its clients are strict.

    `oldest_s`: of whoever is up, when the one that is silent for longest was heard.
    """
    ages = [view.standing.age_s for view in views if view.up]
    oldest_s = max((age for age in ages if age is not None), default=None)
    told = {**asdict(store), "trouble": masked(store.trouble), "oldest_s": oldest_s}
    return SOURCE, json.dumps(told, separators=(",", ":"))


def show(view: ServiceView, version: int) -> dict[str, Any]:
    row = view.row
    shown = {
        "id": row.uuid if version >= Since.UUIDS_OF_HOSTS else row.id,
        "binary": row.binary,
        "host": row.host,
        "zone": view.zone,
        "status": "disabled" if row.disabled else "enabled",
        "state": "up" if view.up else "down",
        "updated_at": precise(view.standing.heard_at or row.last_seen_up or row.updated_at),
        "disabled_reason": row.disabled_reason,
    }
    if version >= Since.FORCED_DOWN:
        shown["forced_down"] = row.forced_down
    return shown
