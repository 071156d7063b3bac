"""Simulated hypervisors: any number of hosts, guests that take time and can be told to fail.

A flavor's extra specs or a server's metadata steer a guest's boot (metadata wins):

* `fake:spawn_s` = seconds that the boot takes (at most an hour);
* `fake:fail_spawn` = a host's name, or `*`: the boot fails there;
* `fake:die` = a host's name, or `*`: the agent dies during the boot, once a guest (only with
  [DEFAULT] allow_fault_injection).
"""

from dataclasses import replace
from pathlib import Path

from oslo_config import cfg

from minicloud.compute.drivers.base import CpuTimes, Guest, GuestSpec, Inventory
from minicloud.compute.drivers.console import boot_log
from minicloud.compute.drivers.guests import GuestStore, Simulated
from minicloud.compute.drivers.processors import Processors
from minicloud.conf import ratios
from minicloud.errors import HypervisorError
from minicloud.instance_states import Mark, Power
from minicloud.runtime.clock import Clock
from minicloud.runtime.steps import end_now

_SUPPORTED = (("x86_64", "fake", "hvm"), ("x86_64", "qemu", "hvm"), ("i686", "qemu", "hvm"))


class FakeDriver:
    def __init__(
        self, conf: cfg.ConfigOpts, clock: Clock, agent: str, store: GuestStore | None = None
    ) -> None:
        self._conf, self._clock = conf, clock
        # One file for all agents of a machine: a host keeps its guests when its agent changes.
        self._store = store or GuestStore(Path(conf.state_path) / "guests" / "guests.sqlite")
        self._processors = Processors(clock)

    def list(self, host: str) -> dict[str, Guest]:
        found = self._store.list(host).values()
        return {g.uuid: _seen(g) for g in found}

    def inventory(self, host: str) -> Inventory:
        options = self._conf.fake
        return Inventory(
            vcpus=options.vcpus,
            memory_mb=options.memory_mb,
            disk_gb=options.disk_gb,
            hypervisor_type="fake",
            hypervisor_version=1000,
            node=host,
            cpu_info={"arch": "x86_64", "model": "simulated", "vendor": "minicloud"},
            supported_instances=_SUPPORTED,
            host_ip=options.host_ips.get(host, ""),
        )

    def cpu(self, host: str) -> CpuTimes:
        running = (g for g in self._store.list(host).values() if g.power == Power.RUNNING)
        busy = self._conf.fake.guest_cpu_load * sum(guest.vcpus for guest in running)
        return self._processors.worked(host, self._conf.fake.vcpus, busy)

    def metrics(self, host: str) -> dict[str, float]:
        """Those that the configuration sets; what it says of one host counts more."""
        said = ratios.all_of(self._conf.fake.metrics)
        for_all = {name: value for name, value in said.items() if "/" not in name}
        own = {name.partition("/")[2]: value for name, value in said.items() if _is_of(name, host)}
        return for_all | own

    def spawn(self, host: str, spec: GuestSpec, label: int, power: Power = Power.RUNNING) -> None:
        if self._store.get(host, spec.uuid):
            return
        self._make(host, spec, label, power)

    def rebuild(self, host: str, spec: GuestSpec, label: int, power: Power) -> None:
        self._make(host, spec, label, power)

    def destroy(self, host: str, uuid: str) -> None:
        self._store.remove(host, uuid)

    def power_on(self, host: str, uuid: str, label: int) -> None:
        guest = self._guest(host, uuid)
        off = guest.power in (Power.SHUTDOWN, Power.CRASHED, Power.NOSTATE)
        self._store.put(host, guest.started(label) if off else guest.at(Power.RUNNING))

    def power_off(self, host: str, uuid: str) -> None:
        self._store.put(host, self._guest(host, uuid).at(Power.SHUTDOWN))

    def reboot(self, host: str, uuid: str, label: int, *, hard: bool) -> None:
        self._store.put(host, self._guest(host, uuid).started(label))

    def pause(self, host: str, uuid: str) -> None:
        self._store.put(host, self._guest(host, uuid).at(Power.PAUSED))

    def suspend(self, host: str, uuid: str) -> None:
        self._store.put(host, self._guest(host, uuid).at(Power.SUSPENDED))

    def rescue(
        self, host: str, uuid: str, label: int, image: str | None, password: str | None
    ) -> None:
        guest = self._guest(host, uuid)
        rescued = replace(guest, rescue_image=image or guest.image or "", password_hash=password)
        self._store.put(host, rescued.started(label))

    def unrescue(self, host: str, uuid: str, label: int) -> None:
        self._store.put(host, replace(self._guest(host, uuid), rescue_image=None).started(label))

    def snapshot(self, host: str, uuid: str, label: int, image: str) -> None:
        """A simulated disk holds nothing: its image has 0 bytes."""
        self._store.put(host, self._guest(host, uuid).marked(Mark.SAVED, label))

    def set_password(self, host: str, uuid: str, label: int, password: str) -> None:
        guest = replace(self._guest(host, uuid), password_hash=password)
        self._store.put(host, guest.marked(Mark.PASSWORD, label))

    def console(self, host: str, uuid: str, lines: int | None) -> str | None:
        guest = self._store.get(host, uuid)
        if guest is None:
            return None
        log = [line for boot in range(guest.boots) for line in boot_log(guest, boot)]
        kept = log if lines is None else log[max(len(log) - lines, 0) :]
        return "".join(f"{line}\n" for line in kept)

    def _make(self, host: str, spec: GuestSpec, label: int, power: Power) -> None:
        self._misbehave(host, spec)
        self._store.put(
            host,
            Simulated(
                uuid=spec.uuid,
                name=spec.name,
                image=spec.image,
                vcpus=int(spec.flavor["vcpus"]),
                memory_mb=int(spec.flavor["memory_mb"]),
                power=int(power),
                password_hash=spec.password,
                marks={str(Mark.MADE): label, str(Mark.BOOTED): label},
            ),
        )

    def _guest(self, host: str, uuid: str) -> Simulated:
        guest = self._store.get(host, uuid)
        if guest is None:
            raise HypervisorError(f"there is no guest {uuid}")
        return guest

    def _misbehave(self, host: str, spec: GuestSpec) -> None:
        wishes = {**(spec.flavor.get("extra_specs") or {}), **spec.meta}
        seconds = _seconds(wishes.get("fake:spawn_s"), self._conf.fake.spawn_s)
        if seconds:
            self._clock.sleep(seconds)
        if wishes.get("fake:fail_spawn") in (host, "*"):
            raise HypervisorError("the simulated boot failed, as it was told to")
        dies = self._conf.allow_fault_injection and wishes.get("fake:die") in (host, "*")
        if dies and self._store.first_death(host, spec.uuid):
            end_now()


def _seen(guest: Simulated) -> Guest:
    marks = {Mark(name): label for name, label in guest.marks.items()}
    return Guest(guest.uuid, Power(guest.power), marks, guest.rescue_image is not None)


def _is_of(name: str, host: str) -> bool:
    return name.startswith(f"{host}/")


def _seconds(wish: str | None, default: float) -> float:
    try:
        return min(max(float(wish), 0.0), 3600.0) if wish else default
    except ValueError:
        return default
