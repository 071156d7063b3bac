"""Hypervisors as Nova shows them, by version."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from minicloud.api.versions import Since
from minicloud.db.models import ComputeNode
from minicloud.zones.base import HypervisorView

SUMMED: Final = (
    *("current_workload", "disk_available_least", "free_disk_gb", "free_ram_mb", "local_gb"),
    *("local_gb_used", "memory_mb", "memory_mb_used", "running_vms", "vcpus", "vcpus_used"),
)


def brief(view: HypervisorView, version: int) -> dict[str, Any]:
    return {
        "id": view.node.uuid if version >= Since.UUIDS_OF_HOSTS else view.node.id,
        "hypervisor_hostname": view.node.node,
        "state": "up" if view.up else "down",
        "status": "disabled" if view.service.disabled else "enabled",
    }


def detail(view: HypervisorView, version: int) -> dict[str, Any]:
    node, service = view.node, view.service
    shown = brief(view, version) | {
        "host_ip": node.host_ip,
        "hypervisor_type": node.hypervisor_type,
        "hypervisor_version": node.hypervisor_version,
        "service": {
            "id": service.uuid if version >= Since.UUIDS_OF_HOSTS else service.id,
            "host": node.host,
            "disabled_reason": service.disabled_reason,
        },
    }
    if version >= Since.HYPERVISOR_NUMBERS_GONE:
        return shown | {"uptime": None}
    info = node.cpu_info
    as_object = version >= Since.CPU_INFO_OBJECT
    return shown | numbers(node) | {"cpu_info": info if as_object else orjson.dumps(info).decode()}


def numbers(node: ComputeNode) -> dict[str, int]:
    used_ram = node.memory_mb_used + node.reserved_memory_mb
    used_disk = node.disk_gb_used + node.reserved_disk_gb
    return {
        "current_workload": node.num_io_ops,
        "disk_available_least": node.disk_gb - used_disk,
        "free_disk_gb": node.disk_gb - used_disk,
        "free_ram_mb": node.memory_mb - used_ram,
        "local_gb": node.disk_gb,
        "local_gb_used": used_disk,
        "memory_mb": node.memory_mb,
        "memory_mb_used": used_ram,
        "running_vms": node.num_instances,
        "vcpus": node.vcpus,
        "vcpus_used": node.vcpus_used,
    }


def statistics(views: Sequence[HypervisorView]) -> dict[str, int]:
    each = [numbers(view.node) for view in views]
    return {"count": len(views)} | {name: sum(n[name] for n in each) for name in SUMMED}


def servers(found: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    """By the names that hypervisors know them by."""
    return [{"name": f"instance-{ident:08x}", "uuid": uuid} for ident, uuid in found]
