"""Rows of images, for tests that need one."""

from datetime import datetime
from typing import Any, Final

from minicloud.db.models import Image

IMAGE: Final = "11111111-2222-4333-8444-555555555555"


def image(now: datetime, **changes: Any) -> Image:
    values: dict[str, Any] = {
        "id": IMAGE,
        "name": "cirros",
        "owner": "p1",
        "status": "active",
        "visibility": "private",
        "protected": False,
        "hidden": False,
        "disk_format": "raw",
        "container_format": "bare",
        "min_disk_gb": 0,
        "min_ram_mb": 0,
        "size_bytes": 7,
        "properties": {},
        "tags": [],
        "created_at": now,
        "updated_at": now,
    }
    return Image(**(values | changes))
