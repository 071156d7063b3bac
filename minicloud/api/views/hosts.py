"""Hosts as Nova showed them until 2.42."""

from collections.abc import Sequence
from typing import Any

from minicloud.db.models import ComputeNode
from minicloud.zones.base import HostUse, ServiceView


def show(view: ServiceView) -> dict[str, Any]:
    service = view.row.binary.removeprefix("nova-")
    return {"host_name": view.row.host, "service": service, "zone": view.zone}


def resources(node: ComputeNode, uses: Sequence[HostUse]) -> list[dict[str, Any]]:
    """What the host has, what is taken of it, and the share of each project."""
    whole = [
        ("(total)", node.vcpus, node.memory_mb, node.disk_gb),
        (
            "(used_now)",
            node.vcpus_used,
            node.memory_mb_used + node.reserved_memory_mb,
            node.disk_gb_used + node.reserved_disk_gb,
        ),
        (
            "(used_max)",
            sum(use.vcpus for use in uses),
            sum(use.memory_mb for use in uses),
            sum(use.disk_gb for use in uses),
        ),
    ]
    each = [(use.project_id, use.vcpus, use.memory_mb, use.disk_gb) for use in uses]
    return [
        {
            "resource": {
                "host": node.host,
                "project": project,
                "cpu": cpu,
                "memory_mb": memory_mb,
                "disk_gb": disk_gb,
            }
        }
        for project, cpu, memory_mb, disk_gb in whole + each
    ]
