"""Which extra specs have a meaning, and the values that they take (from 2.86).

Names without a namespace and those of unknown namespaces are the operator's own: they pass.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from oslo_utils import strutils

from minicloud import errors

Check = Callable[[str], None]


def check(name: str, value: str) -> None:
    """BadRequest for a name that its namespace does not know, or a value of another kind."""
    kind = _EXACT.get(name) or next((k for form, k in _FORMS if form.fullmatch(name)), None)
    if kind is not None:
        kind(value)
    elif ":" in name and _NAMESPACES.fullmatch(name.partition(":")[0]):
        raise _refused(f"extra spec '{name}' does not appear to be a valid extra spec.")


def _refused(reason: str) -> errors.BadRequest:
    return errors.BadRequest(f"Validation failed; {reason}")


def _text(value: str) -> None:
    """Anything."""


def _boolean(value: str) -> None:
    try:
        strutils.bool_from_string(value, strict=True)
    except ValueError:
        raise _refused(f"'{value}' is not a valid boolean-like value.") from None


def _number(least: int | None = None, most: int | None = None) -> Check:
    def checked(value: str) -> None:
        try:
            number = int(value)
        except ValueError:
            raise _refused(f"'{value}' is not a valid integer value.") from None
        if most is not None and number > most:
            raise _refused(f"'{value}' is greater than the max value of '{most}'.")
        if least is not None and number < least:
            raise _refused(f"'{value}' is less than the min value of '{least}'.")

    return checked


def _one_of(*words: str) -> Check:
    def checked(value: str) -> None:
        if value not in words:
            raise _refused(f"'{value}' is not one of: {', '.join(words)}.")

    return checked


def _of_form(pattern: str) -> Check:
    form = re.compile(pattern)

    def checked(value: str) -> None:
        if not form.fullmatch(value):
            raise _refused(f"'{value}' is not of the format '{pattern}'.")

    return checked


_ANY_NUMBER: Final = _number()
_COUNT: Final = _number(0)
_SOME: Final = _number(1)
_CPUS: Final = _of_form(r"\^?\d+(-\d+)?(,\^?\d+(-\d+)?)*")
_TRAIT: Final = _one_of("required", "forbidden")


def _quotas() -> Iterator[tuple[str, Check]]:
    for resource in ("cpu", "memory", "disk_io", "vif"):
        yield f"quota:{resource}_shares_level", _text
        for key in ("limit", "reservation", "shares_share"):
            yield f"quota:{resource}_{key}", _ANY_NUMBER
    for key in ("shares", "period", "quota"):
        yield f"quota:cpu_{key}", _COUNT
    for way in ("read", "write", "total"):
        for metric in ("bytes", "iops"):
            yield f"quota:disk_{way}_{metric}_sec", _COUNT
    for way in ("inbound", "outbound"):
        for metric in ("average", "peak", "burst"):
            yield f"quota:vif_{way}_{metric}", _COUNT


_HARDWARE: Final[Mapping[str, Check]] = {
    **dict.fromkeys(
        (
            "boot_menu",
            "cpu_realtime",
            "ephemeral_encryption",
            "hide_hypervisor_id",
            "locked_memory",
            "mem_encryption",
            "pmu",
            "vif_multiqueue_enabled",
            "virtio_packed_ring",
        ),
        _boolean,
    ),
    **dict.fromkeys(
        (
            "cpu_cores",
            "cpu_max_cores",
            "cpu_max_sockets",
            "cpu_max_threads",
            "cpu_sockets",
            "cpu_threads",
            "numa_nodes",
        ),
        _SOME,
    ),
    "cpu_dedicated_mask": _CPUS,
    "cpu_realtime_mask": _CPUS,
    "cpu_policy": _one_of("dedicated", "shared", "mixed"),
    "cpu_thread_policy": _one_of("prefer", "isolate", "require"),
    "emulator_threads_policy": _one_of("isolate", "share"),
    "ephemeral_encryption_format": _one_of("plain", "luks", "luksv2"),
    "mem_encryption_model": _one_of("amd-sev", "amd-sev-es", "amd-sev-snp"),
    "mem_page_size": _of_form(r"large|small|any|\d+([kKMGT]i?)?(b|bit|B)?"),
    "pci_numa_affinity_policy": _one_of("required", "preferred", "legacy", "socket"),
    "pmem": _of_form(r"\w+(,\w+)*,?"),
    "redirected_usb_ports": _number(0, 15),
    "serial_port_count": _COUNT,
    "sound_model": _one_of("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio"),
    "tpm_model": _one_of("tpm-tis", "tpm-crb"),
    "tpm_secret_security": _one_of("user", "host", "deployment"),
    "tpm_version": _one_of("1.2", "2.0"),
    "usb_model": _one_of("none", "nec-xhci", "qemu-xhci"),
    "viommu_model": _one_of("intel", "smmuv3", "virtio", "auto"),
    "watchdog_action": _one_of("none", "pause", "poweroff", "reset", "disabled"),
}
_CAPABILITIES: Final = (
    *("id", "uuid", "service_id", "host", "vcpus", "memory_mb", "local_gb", "vcpus_used"),
    *("memory_mb_used", "local_gb_used", "hypervisor_type", "hypervisor_version"),
    *("hypervisor_hostname", "free_ram_mb", "free_disk_gb", "current_workload", "running_vms"),
    *("disk_available_least", "host_ip", "mapped", "cpu_allocation_ratio"),
    *("ram_allocation_ratio", "disk_allocation_ratio", "total_usable_ram_mb"),
    *("total_usable_disk_gb", "disk_mb_used", "free_disk_mb", "vcpus_total", "num_instances"),
    *("num_io_ops", "failed_builds", "aggregates", "cell_uuid", "updated"),
)
_NESTED: Final = (
    *("cpu_info", "metrics", "stats", "numa_topology", "supported_hv_specs"),
    *("pci_device_pools", "nodename", "pci_stats", "supported_instances", "limits", "instances"),
)
_RESOURCES: Final = (
    *("VCPU", "MEMORY_MB", "DISK_GB", "PCI_DEVICE", "SRIOV_NET_VF", "NUMA_SOCKET", "NUMA_CORE"),
    *("NUMA_THREAD", "NUMA_MEMORY_MB", "IPV4_ADDRESS", "VGPU", "VGPU_DISPLAY_HEAD"),
    *("NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC", "PCPU", "FPGA", "PGPU"),
    *("MEM_ENCRYPTION_CONTEXT", "NET_PACKET_RATE_KILOPACKET_PER_SEC"),
    *("NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC", "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC"),
    "CUSTOM_[A-Z0-9_]+",
)
_EXACT: Final[Mapping[str, Check]] = {
    **{f"hw:{name}": kind for name, kind in _HARDWARE.items()},
    **{f"capabilities:{name}": _text for name in _CAPABILITIES},
    **dict(_quotas()),
    "accel:device_profile": _text,
    "group_policy": _one_of("isolate", "none"),
    "hide_hypervisor_id": _boolean,
    "hw_rng:allowed": _boolean,
    "hw_rng:rate_bytes": _COUNT,
    "hw_rng:rate_period": _COUNT,
    "hw_video:ram_max_mb": _COUNT,
    "os:secure_boot": _one_of("disabled", "required"),
    "pci_passthrough:alias": _of_form(r"[^:,\s][^:,]*:\d+(\s*,\s*[^:,\s][^:,]*:\d+)*"),
    "vmware:hw_version": _text,
    "vmware:storage_policy": _text,
}
_GROUP: Final = "([a-zA-Z0-9_-]{1,64})?"
_FORMS: Final = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"hw:numa_cpus\.\d+", _CPUS),
        (r"hw:numa_mem\.\d+", _SOME),
        (rf"capabilities:({'|'.join(_NESTED)})(:\w+)*", _text),
        (r"aggregate_instance_extra_specs:.+", _text),
        (rf"resources{_GROUP}:({'|'.join(_RESOURCES)})", _ANY_NUMBER),
        (rf"trait{_GROUP}:[A-Z][A-Z0-9_]*", _TRAIT),
    )
)
_NAMESPACES: Final = re.compile(
    "accel|aggregate_instance_extra_specs|capabilities|hw|hw_rng|hw_video|os|pci_passthrough"
    f"|quota|vmware|(resources|trait){_GROUP}"
)
