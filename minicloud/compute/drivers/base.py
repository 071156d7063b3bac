"""What a hypervisor driver offers. It keeps guests; it knows nothing of the cloud around it.

Every verb may be repeated: what is there already is not made twice, what is gone stays gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from minicloud.instance_states import Mark, Power


@dataclass(frozen=True)
class Guest:
    """A guest as its host sees it. `marks`: what was last done to it, with which label."""

    uuid: str
    power: Power
    marks: Mapping[Mark, int] = field(default_factory=dict)
    rescue: bool = False

    def has(self, mark: Mark | None, label: int) -> bool:
        return mark is None or self.marks.get(mark, -1) >= label


@dataclass(frozen=True)
class GuestSpec:
    """What a guest is made of."""

    uuid: str
    name: str
    flavor: Mapping[str, Any]
    image: str | None
    meta: Mapping[str, str]
    password: str | None = None  # of its administrator, in its crypt(3) form


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
    host_ip: str = ""  # empty: that of the agent


@dataclass(frozen=True)
class CpuTimes:
    """What the processors of a host have done since its start, in nanoseconds over all of them."""

    user_ns: int = 0
    kernel_ns: int = 0
    iowait_ns: int = 0
    idle_ns: int = 0
    frequency_mhz: int = 0


class Driver(Protocol):
    """Errors are HypervisorError; the caller repeats or gives up.

    `label` is kept with the guest and told by `list`: so that after a crash it is known whether
    something was done for this task or for an earlier one.
    """

    def list(self, host: str) -> dict[str, Guest]: ...

    def inventory(self, host: str) -> Inventory: ...

    def cpu(self, host: str) -> CpuTimes: ...

    def metrics(self, host: str) -> Mapping[str, float]:
        """What the host tells of itself besides, by name; it counts more than what is worked
        out."""

    def spawn(self, host: str, spec: GuestSpec, label: int, power: Power = Power.RUNNING) -> None:
        """Make the guest; returns when it runs, or is at rest in the power that is asked for."""

    def rebuild(self, host: str, spec: GuestSpec, label: int, power: Power) -> None:
        """Make the guest anew, with an empty disk of its image."""

    def destroy(self, host: str, uuid: str) -> None: ...

    def power_on(self, host: str, uuid: str, label: int) -> None:
        """Run it, whether it was off, paused or suspended."""

    def power_off(self, host: str, uuid: str) -> None: ...

    def reboot(self, host: str, uuid: str, label: int, *, hard: bool) -> None: ...

    def pause(self, host: str, uuid: str) -> None: ...

    def suspend(self, host: str, uuid: str) -> None: ...

    def rescue(
        self, host: str, uuid: str, label: int, image: str | None, password: str | None
    ) -> None:
        """Run it from this image (None: its own) with its disk beside; `password`: crypt(3)."""

    def unrescue(self, host: str, uuid: str, label: int) -> None: ...

    def snapshot(self, host: str, uuid: str, label: int, image: str) -> None:
        """Copy its disk to this image."""

    def set_password(self, host: str, uuid: str, label: int, password: str) -> None:
        """`password` is its crypt(3) form, as a guest's agent takes it."""

    def console(self, host: str, uuid: str, lines: int | None) -> str | None:
        """The last lines of the console's log; None when there is none."""
