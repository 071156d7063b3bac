"""The numbers of a guest. Only what is known is told: null is what no simulated guest has."""

from typing import Any, Final

from minicloud.db.models import ComputeNode, Instance
from minicloud.instance_states import Power

_STATES: Final = {
    Power.NOSTATE: "pending",
    Power.RUNNING: "running",
    Power.PAUSED: "paused",
    Power.SHUTDOWN: "shutdown",
    Power.CRASHED: "crashed",
    Power.SUSPENDED: "suspended",
}
_CPU: Final = ("time", "utilisation")
_DISK: Final = ("read_bytes", "read_requests", "write_bytes", "write_requests", "errors_count")
_NIC: Final = tuple(
    f"{way}_{what}"
    for way in ("rx", "tx")
    for what in ("octets", "errors", "drop", "packets", "rate")
)


def fixed(row: Instance, node: ComputeNode) -> dict[str, Any]:
    """In the form of 2.48."""
    nics = row.addresses or ()
    return {
        "state": _STATES.get(Power(row.power_state), "pending"),
        "driver": node.hypervisor_type,
        "hypervisor": node.hypervisor_type,
        "hypervisor_os": None,
        "uptime": None,
        "config_drive": row.config_drive,
        "num_cpus": row.vcpus,
        "num_nics": len(nics),
        "num_disks": 1,
        "cpu_details": [{"id": n, **dict.fromkeys(_CPU)} for n in range(row.vcpus)],
        "memory_details": {"maximum": row.memory_mb, "used": None},
        "nic_details": [{"mac_address": nic["mac"], **dict.fromkeys(_NIC)} for nic in nics],
        "disk_details": [dict.fromkeys(_DISK)],
    }


def free(row: Instance) -> dict[str, Any]:
    """In the form before, which each driver chose for itself: memory in KiB."""
    return {"memory": row.memory_mb << 10}
