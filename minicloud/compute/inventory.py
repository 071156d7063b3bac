"""What a host has to give: the driver's totals, ratios and reserves as a row of the books."""

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from minicloud.compute.drivers.base import Inventory


def facts(
    found: Inventory,
    options: cfg.ConfigOpts.GroupAttr,
    metrics: Mapping[str, float] | None = None,
    agent_ip: str = "127.0.0.1",
) -> dict[str, Any]:
    """The row of a host. A limit is total x ratio - reserved, never below 0."""
    reserved_disk_gb = -(-options.reserved_host_disk_mb // 1024)
    vcpus = int(found.vcpus * options.cpu_allocation_ratio) - options.reserved_host_cpus
    memory_mb = int(found.memory_mb * options.ram_allocation_ratio)
    disk_gb = int(found.disk_gb * options.disk_allocation_ratio)
    return {
        "node": found.node,
        "host_ip": found.host_ip or agent_ip,
        "hypervisor_type": found.hypervisor_type,
        "hypervisor_version": found.hypervisor_version,
        "cpu_info": dict(found.cpu_info),
        "supported_instances": [list(triple) for triple in found.supported_instances],
        "vcpus": found.vcpus,
        "memory_mb": found.memory_mb,
        "disk_gb": found.disk_gb,
        "vcpus_limit": max(vcpus, 0),
        "memory_mb_limit": max(memory_mb - options.reserved_host_memory_mb, 0),
        "disk_gb_limit": max(disk_gb - reserved_disk_gb, 0),
        "reserved_memory_mb": options.reserved_host_memory_mb,
        "reserved_disk_gb": reserved_disk_gb,
        "cpu_allocation_ratio": options.cpu_allocation_ratio,
        "ram_allocation_ratio": options.ram_allocation_ratio,
        "disk_allocation_ratio": options.disk_allocation_ratio,
        "metrics": metrics,
    }
