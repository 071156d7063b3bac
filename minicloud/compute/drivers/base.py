"""What a hypervisor driver offers. It keeps guests; it knows nothing of the cloud around it.

Every verb may be repeated: what is there already is not made twice, what is gone stays gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from minicloud.instance_states import Power


@dataclass(frozen=True)
class Guest:
    """A guest as its host sees it. `booted` is the label given with its last spawn or reboot."""

    uuid: str
    power: Power
    booted: int


@dataclass(frozen=True)
class GuestSpec:
    """What a guest is made of."""

    uuid: str
    name: str
    flavor: Mapping[str, Any]
    image: str | None
    meta: Mapping[str, str]


@dataclass(frozen=True)
class Inventory:
    """What a host has in all, before ratios and reserves."""

    vcpus: int
    memory_mb: int
    disk_gb: int
    hypervisor_type: str
    hypervisor_version: int
    node: str
    cpu_info: Mapping[str, Any]
    supported_instances: tuple[tuple[str, str, str], ...]  # (architecture, type, vm mode)


class Driver(Protocol):
    """Errors are HypervisorError; the caller repeats or gives up."""

    def list(self, host: str) -> dict[str, Guest]: ...

    def inventory(self, host: str) -> Inventory: ...

    def spawn(self, host: str, spec: GuestSpec, label: int) -> None:
        """Make the guest and start it; returns when it runs."""

    def destroy(self, host: str, uuid: str) -> None: ...

    def power_on(self, host: str, uuid: str, label: int) -> None: ...

    def power_off(self, host: str, uuid: str) -> None: ...

    def reboot(self, host: str, uuid: str, label: int, *, hard: bool) -> None: ...

    def console(self, host: str, uuid: str, lines: int | None) -> str | None:
        """The last lines of the console's log; None when there is none."""
