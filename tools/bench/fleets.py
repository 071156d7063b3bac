"""Fleets and request streams to choose among, drawn from a seed: ordinary, hostile, and worst."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

ZONES = ("az1", "az2", "az3")
_FEATURES = ("aes", "avx", "avx2", "mmx", "sse", "sse2", "vmx")
_TRIPLES = (("x86_64", "kvm", "hvm"), ("x86_64", "qemu", "hvm"), ("i686", "qemu", "hvm"))


@dataclass(frozen=True, slots=True)
class Flavor:
    name: str
    vcpus: int
    memory_mb: int
    root_gb: int
    ephemeral_gb: int = 0
    swap_mb: int = 0
    extra_specs: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Host:
    """What both sides are told of a host. `used` counts what its servers take."""

    name: str
    ip: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    cpu_ratio: float
    kind: Mapping[str, Any]
    used: Mapping[str, int]
    num_io_ops: int = 0
    failed_builds: int = 0
    up: bool = True
    enabled: bool = True
    aggregates: Sequence[int] = ()
    servers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # uuid -> its image's
    num_servers: int = 0  # those that nobody asks for by name have no entry in `servers`
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    policy: str
    members: Sequence[str]
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """One server that wants a host."""

    uuid: str
    project: str
    flavor: Flavor
    image: Mapping[str, str] = field(default_factory=dict)  # its properties
    image_id: str = "00000000-0000-0000-0000-000000000001"
    hints: Mapping[str, Sequence[str]] = field(default_factory=dict)
    zone: str | None = None
    group: Group | None = None
    ignore_hosts: Sequence[str] = ()
    force_hosts: Sequence[str] = ()
    only_host: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    hosts: Sequence[Host]
    aggregates: Mapping[int, Mapping[str, str]]
    options: Mapping[str, Any] = field(default_factory=dict)  # of [filter_scheduler]
    metrics: Mapping[str, Any] = field(default_factory=dict)  # of [metrics]


FLAVORS = (
    Flavor("m1.tiny", 1, 512, 1),
    Flavor("m1.small", 1, 2048, 20),
    Flavor("m1.medium", 2, 4096, 40),
    Flavor("m1.large", 4, 8192, 80),
    Flavor("m1.xlarge", 8, 16384, 160),
)


def uuid(dice: Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


@dataclass(frozen=True, slots=True)
class _Hardware:
    vcpus: int
    memory_mb: int
    disk_gb: int
    kind: Mapping[str, Any]
    share: int


def _hardware(vcpus: int, gib: int, disk_gb: int, version: int, model: str, share: int) -> Any:
    cpu: dict[str, Any] = {
        "arch": "x86_64",
        "vendor": "Intel",
        "model": model,
        "features": list(_FEATURES),
    }
    cpu["topology"] = {"cores": vcpus // 4, "threads": 2, "sockets": 2}
    kind = {
        "hypervisor_type": "QEMU",
        "hypervisor_version": version,
        "cpu_info": cpu,
        "supported_instances": [list(each) for each in _TRIPLES],
    }
    return _Hardware(vcpus, gib * 1024, disk_gb, kind, share)


HARDWARE: Sequence[_Hardware] = (
    _hardware(64, 256, 4000, 8002000, "Skylake-Server", 60),
    _hardware(96, 1024, 8000, 8002000, "Icelake-Server", 20),
    _hardware(128, 512, 8000, 9001000, "Sapphire-Rapids", 15),
    _hardware(32, 128, 2000, 7002000, "Broadwell", 5),
)
AGGREGATES: Mapping[int, Mapping[str, str]] = {
    **{n: {"availability_zone": zone} for n, zone in enumerate(ZONES, 1)},
    4: {"ssd": "true"},
    5: {"os_type": "windows"},
    6: {"filter_tenant_id": "project-1, project-2"},
}

_OFTEN = ((4, 0.3), (5, 0.05), (6, 0.02))  # how often a host is in an aggregate that makes no zone


def ordinary(count: int, seed: int) -> Iterator[Host]:
    """Four kinds of hardware in three zones, filled by random mixes of the flavors."""
    dice = Random(seed)
    shares = [each.share for each in HARDWARE]
    for number in range(count):
        (hardware,) = dice.choices(HARDWARE, shares)
        in_aggregates = [1 + number % 3]
        in_aggregates += [n for n, odds in _OFTEN if dice.random() < odds]
        yield _filled(dice, number, hardware, hardware.kind, in_aggregates)


def hostile(count: int, seed: int) -> Iterator[Host]:
    """No two are alike: sizes, processors and aggregates of their own."""
    dice = Random(seed)
    for number in range(count):
        base = HARDWARE[number % len(HARDWARE)]
        own = {**base.kind["cpu_info"], "features": [*_FEATURES, f"own{number}"]}
        kind = {**base.kind, "cpu_info": own, "hypervisor_version": 6000000 + number}
        size = _Hardware(base.vcpus, base.memory_mb + number, base.disk_gb, kind, 0)
        yield _filled(dice, number, size, kind, [1 + number % 3, 10 + number])


def own_aggregates(count: int) -> Mapping[int, Mapping[str, str]]:
    """Those of the hosts that are all different."""
    return {**AGGREGATES, **{10 + n: {"rack": f"rack{n}"} for n in range(count)}}


def _filled(
    dice: Random, number: int, size: _Hardware, kind: Mapping[str, Any], aggregates: Sequence[int]
) -> Host:
    """Up to some part of its memory, so some are nearly empty and some nearly full."""
    most = size.memory_mb * dice.choice((0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97))
    used = {"vcpus": 0, "memory_mb": 0, "disk_gb": 0}
    servers = 0
    while True:
        one = dice.choice(FLAVORS)
        if used["memory_mb"] + one.memory_mb > most:
            break
        many = 1 + int((most - used["memory_mb"]) // one.memory_mb * dice.random())
        used["vcpus"] += many * one.vcpus
        used["memory_mb"] += many * one.memory_mb
        used["disk_gb"] += many * one.root_gb
        servers += many
    return Host(
        name=f"host{number:07}",
        ip=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        vcpus=size.vcpus,
        memory_mb=size.memory_mb,
        disk_gb=size.disk_gb,
        cpu_ratio=16.0,
        kind=kind,
        used=used,
        num_io_ops=dice.choices((0, 1, 2, 3), (90, 6, 3, 1))[0],
        failed_builds=dice.choices((0, 1, 2), (98, 1, 1))[0],
        up=dice.random() > 0.01,
        enabled=dice.random() > 0.01,
        aggregates=aggregates,
        num_servers=servers,
    )


IMAGES: Sequence[Mapping[str, str]] = (
    {"hw_architecture": "x86_64"},
    {"hw_architecture": "x86_64", "hw_vm_mode": "hvm"},
    {},
)


def usual(seed: int) -> Iterator[Ask]:
    """Five flavors, three images, a zone now and then: what a cloud is asked all day."""
    dice = Random(seed)
    while True:
        (flavor,) = dice.choices(FLAVORS, (20, 35, 25, 15, 5))
        zone = dice.choice(ZONES) if dice.random() < 0.3 else None
        project = f"project-{dice.randrange(20)}"
        yield Ask(uuid(dice), project, flavor, image=dice.choice(IMAGES), zone=zone)


def new_shape(dice: Random, _hosts: Sequence[Host]) -> Ask:
    """A flavor that nobody asked for before."""
    name = f"own-{dice.randrange(10**9)}"
    return Ask(
        uuid(dice),
        "p",
        Flavor(name, dice.randint(1, 16), dice.randint(64, 32768), dice.randint(1, 200)),
    )


def wide_query(dice: Random, _hosts: Sequence[Host]) -> Ask:
    """About as many operators, facts and arguments as a query may have."""
    facts = ("free_ram_mb", "free_disk_mb", "vcpus_used", "num_instances", "num_io_ops")
    wide: list[Any] = ["or", [">=", "$free_ram_mb", 0]]
    for number in range(14):
        numbers = [dice.randrange(50_000) for _ in range(14)]
        operator = ("in", "<", ">=")[number % 3]
        wide.append([operator, f"${facts[number % len(facts)]}", *numbers])
    return _hinted(dice, {"query": [json.dumps(wide)]})


def host_query(dice: Random, hosts: Sequence[Host]) -> Ask:
    """One of two hundred hosts, by name, and not one of as many others."""
    named = [one.name for one in dice.sample(hosts, min(200, len(hosts)))]
    half = len(named) // 2
    query = ["and", ["in", "$host", *named[:half]], ["not", ["in", "$host", *named[half:]]]]
    return _hinted(dice, {"query": [json.dumps(query)]})


def capabilities(dice: Random, _hosts: Sequence[Host]) -> Ask:
    """A test of each fact of a host."""
    specs = {
        "capabilities:cpu_info:vendor": "Intel",
        "capabilities:cpu_info:model": f"s!= {dice.randrange(10**9)}",
        "capabilities:cpu_info:features": "<all-in> aes avx vmx",
        "capabilities:cpu_info:topology:cores": ">= 2",
        "capabilities:hypervisor_type": "<or> QEMU <or> KVM",
        "capabilities:hypervisor_version": f">= {dice.randrange(10**6)}",
        "capabilities:free_ram_mb": f">= {dice.randrange(4096)}",
        "capabilities:free_disk_mb": f">= {dice.randrange(4096)}",
        "capabilities:vcpus_used": f"<= {100_000 + dice.randrange(4096)}",
        "capabilities:num_instances": f"<= {100_000 + dice.randrange(4096)}",
    }
    return Ask(uuid(dice), "p", Flavor("picky", 1, 2048, 20, extra_specs=specs))


def big_group(dice: Random, hosts: Sequence[Host]) -> Ask:
    """Anti-affinity with five hundred members."""
    members = [m for one in dice.sample(hosts, min(500, len(hosts) // 2)) for m in one.servers]
    return Ask(uuid(dice), "p", FLAVORS[1], group=Group("anti-affinity", members))


def different_hosts(dice: Random, hosts: Sequence[Host]) -> Ask:
    """Not beside any of five hundred servers."""
    near = [m for one in dice.sample(hosts, min(500, len(hosts) // 2)) for m in one.servers]
    return _hinted(dice, {"different_host": near})


def same_hosts(dice: Random, hosts: Sequence[Host]) -> Ask:
    """Beside one of five hundred servers."""
    near = [m for one in dice.sample(hosts, min(500, len(hosts) // 2)) for m in one.servers]
    return _hinted(dice, {"same_host": near})


def _hinted(dice: Random, hints: Mapping[str, Sequence[str]]) -> Ask:
    return Ask(uuid(dice), "p", FLAVORS[1], hints=hints)


Draw = Callable[[Random, Sequence[Host]], Ask]
WORST: Mapping[str, Draw] = {
    "new_shape": new_shape,
    "capabilities": capabilities,
    "wide_query": wide_query,
    "host_query": host_query,
    "big_group": big_group,
    "different_hosts": different_hosts,
    "same_hosts": same_hosts,
}


def worst(draw: Draw, hosts: Sequence[Host], seed: int) -> Iterator[Ask]:
    """Each is a new one. `hosts`: those that may be named; their servers get names here."""
    dice = Random(seed)
    for one in hosts:
        if not one.servers:
            one.servers = {uuid(dice): {}}
    while True:
        yield draw(dice, hosts)
