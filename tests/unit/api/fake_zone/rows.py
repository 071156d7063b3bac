"""What the fakes of several nouns speak of."""

from datetime import datetime, timedelta
from typing import Any, Final

from minicloud.db import models

T0: Final = datetime(2026, 1, 31, 12, 0, 0, 123456)
IMAGE: Final = "11111111-2222-4333-8444-555555555555"
OWN: Final = "aaaaaaaa-0000-4000-8000-000000000001"
BUILDING: Final = "aaaaaaaa-0000-4000-8000-000000000002"
BROKEN: Final = "aaaaaaaa-0000-4000-8000-000000000003"
FOREIGN: Final = "bbbbbbbb-0000-4000-8000-000000000009"
NODE: Final = "cccccccc-0000-4000-8000-000000000001"
GROUP: Final = "ffffffff-0000-4000-8000-000000000001"
REQUEST: Final = "req-dddddddd-0000-4000-8000-000000000001"


def instance(number: int, uuid: str, project_id: str = "p1", **changes: Any) -> models.Instance:
    values: dict[str, Any] = {
        "id": number,
        "uuid": uuid,
        "project_id": project_id,
        "user_id": "alice",
        "reservation_id": "r-1",
        "launch_index": 0,
        "display_name": f"server-{number}",
        "display_description": "said so",
        "hostname": f"server-{number}",
        "image_ref": IMAGE,
        "flavor": {
            "flavorid": "1",
            "name": "m1.tiny",
            "vcpus": 1,
            "memory_mb": 512,
            "root_gb": 1,
            "ephemeral_gb": 0,
            "swap_mb": 0,
            "extra_specs": {"hw:a": "b"},
        },
        "vcpus": 1,
        "memory_mb": 512,
        "key_name": None,
        "config_drive": False,
        "access_ip_v4": None,
        "access_ip_v6": None,
        "meta": {"color": "blue"},
        "availability_zone": None,
        "vm_state": "active",
        "task_state": None,
        "power_state": 1,
        "host": "host-1",
        "node": "node-1",
        "locked_by": None,
        "locked_reason": None,
        "disk_config": "MANUAL",
        "addresses": None,
        "created_at": T0 + timedelta(seconds=number),
        "updated_at": T0 + timedelta(minutes=number),
        "launched_at": T0,
        "terminated_at": None,
        "deleted": 0,
    }
    return models.Instance(**(values | changes))
