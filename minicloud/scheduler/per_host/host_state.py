"""One host, as a plug-in in Nova's shape reads it: a row of the table under Nova's words."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

import orjson

from minicloud.scheduler.hosts import HostTable, Numbers
from minicloud.scheduler.per_host.records import Record

_COLUMNS: Final = (
    "total_usable_ram_mb",
    "total_usable_disk_gb",
    "disk_mb_used",
    "vcpus_total",
    "vcpus_used",
    "num_instances",
    "num_io_ops",
    "failed_builds",
)
_RATIOS: Final = ("cpu_allocation_ratio", "ram_allocation_ratio", "disk_allocation_ratio")


class Facts:
    """A table whose columns are worked out once, however many hosts are asked about."""

    def __init__(self, hosts: HostTable) -> None:
        self.hosts = hosts
        self._columns: dict[str, Numbers] = {}

    def number(self, name: str, place: int) -> int:
        if name not in self._columns:
            self._columns[name] = getattr(self.hosts, name)
        return int(self._columns[name][place])

    def kind(self, place: int) -> Mapping[str, Any]:
        return self.hosts.kinds.at(place)

    @cached_property
    def free_ram_mb(self) -> Numbers:
        """What is not used or reserved, as Nova counts it: allocation ratios do not matter."""
        hosts = self.hosts
        return hosts.total_usable_ram_mb - hosts.used("memory_mb") - hosts.reserved("memory_mb")

    @cached_property
    def free_disk_mb(self) -> Numbers:
        hosts = self.hosts
        free_gb = hosts.total_usable_disk_gb - hosts.used("disk_gb") - hosts.reserved("disk_gb")
        return free_gb * 1024

    @cached_property
    def instances(self) -> Mapping[str, dict[str, Record]]:
        """host -> uuid -> what is known of the server."""
        found: dict[str, dict[str, Record]] = {}
        for uuid, one in self.hosts.contents.each():
            known = Record(uuid=uuid, flavorid=one.flavor, image_properties=dict(one.properties))
            found.setdefault(one.host, {})[uuid] = known
        return found


class HostState:
    """Every fact is looked up when it is asked for. A plug-in may set any attribute: the plug-ins
    after it see that for the rest of the choice. What it puts into `limits` bounds the claim."""

    def __init__(self, facts: Facts, place: int) -> None:
        self._facts, self.place = facts, place
        self.limits: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name in _COLUMNS:
            return self._facts.number(name, self.place)
        if name in _OTHERS:
            return _OTHERS[name](self._facts, self.place)
        raise AttributeError(f"a host has no {name!r}")

    def __repr__(self) -> str:
        return f"({self.host}, {self.nodename}) ram: {self.free_ram_mb}MB"


def _of_kind(name: str, otherwise: Any = None) -> Callable[[Facts, int], Any]:
    def look(facts: Facts, place: int) -> Any:
        found = facts.kind(place).get(name)
        return otherwise if found is None else found

    return look


def _service(facts: Facts, place: int) -> Record:
    hosts = facts.hosts
    return Record(
        host=hosts.names[place],
        binary="nova-compute",
        topic="compute",
        disabled=not hosts.enabled[place],
        state="up" if hosts.up[place] else "down",
    )


def _aggregates(facts: Facts, place: int) -> list[Record]:
    return [
        Record(
            id=one,
            name=name,
            metadata=dict(meta),
            availability_zone=meta.get("availability_zone"),
        )
        for one, name, meta in facts.hosts.aggregates_of(place)
    ]


def _metrics(facts: Facts, place: int) -> list[Record]:
    told = facts.hosts.metrics.told(place)
    return [Record(name=name, value=value) for name, value in told.items()]


def _instances(facts: Facts, place: int) -> dict[str, Record]:
    if not facts.hosts.contents.is_kept:
        raise AttributeError("a class that looks at instances says so by wants_contents = True")
    return facts.instances.get(facts.hosts.names[place], {})


_OTHERS: Final[Mapping[str, Callable[[Facts, int], Any]]] = {
    "host": lambda facts, place: facts.hosts.names[place],
    "nodename": lambda facts, place: facts.hosts.nodes[place],
    "hypervisor_hostname": lambda facts, place: facts.hosts.nodes[place],
    "free_ram_mb": lambda facts, place: int(facts.free_ram_mb[place]),
    "free_disk_mb": lambda facts, place: int(facts.free_disk_mb[place]),
    "host_ip": lambda facts, place: facts.hosts.host_ips[place],
    "hypervisor_type": _of_kind("hypervisor_type"),
    "hypervisor_version": _of_kind("hypervisor_version"),
    "supported_instances": _of_kind("supported_instances", []),
    "cpu_info": lambda facts, place: orjson.dumps(facts.kind(place).get("cpu_info")).decode(),
    "service": _service,
    "aggregates": _aggregates,
    "metrics": _metrics,
    "instances": _instances,
    "updated": lambda facts, place: facts.hosts.updated[place],
    "stats": lambda facts, place: {},
    **{name: _of_kind(name, 1.0) for name in _RATIOS},
}
