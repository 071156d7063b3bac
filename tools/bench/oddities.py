"""Small fleets and requests full of what operators and users really write, ties included."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tools.bench.fleets import Ask, Flavor, Fleet, Group, Host, uuid

# Both sides ask these; what placement does in Nova stands before them on ours.
FILTERS = (
    "ComputeFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
    "AggregateInstanceExtraSpecsFilter",
    "AggregateMultiTenancyIsolation",
    "AggregateImagePropertiesIsolation",
    "AggregateTypeAffinityFilter",
    "IoOpsFilter",
    "AggregateIoOpsFilter",
    "NumInstancesFilter",
    "AggregateNumInstancesFilter",
    "DifferentHostFilter",
    "SameHostFilter",
    "SimpleCIDRAffinityFilter",
    "IsolatedHostsFilter",
    "JsonFilter",
    "MetricsFilter",
    "AllHostsFilter",
)
PLACEMENT = ("AvailabilityZoneFilter", "RamFilter", "CoreFilter", "DiskFilter")
WEIGHERS = {  # name -> the option of its multiplier, which aggregates may set as well
    "RAMWeigher": "ram_weight_multiplier",
    "CPUWeigher": "cpu_weight_multiplier",
    "DiskWeigher": "disk_weight_multiplier",
    "IoOpsWeigher": "io_ops_weight_multiplier",
    "ServerGroupSoftAffinityWeigher": "soft_affinity_weight_multiplier",
    "ServerGroupSoftAntiAffinityWeigher": "soft_anti_affinity_weight_multiplier",
    "BuildFailureWeigher": "build_failure_weight_multiplier",
    "NumInstancesWeigher": "num_instances_weight_multiplier",
    "HypervisorVersionWeigher": "hypervisor_version_weight_multiplier",
    "ImagePropertiesWeigher": "image_props_weight_multiplier",
    "MetricsWeigher": "metrics_weight_multiplier",
}
METRICS = ("cpu.frequency", "cpu.user.time")
_OPERATORS = ("=", "==", "!=", ">=", "<=", "s==", "s!=", "s<", "s<=", "s>", "s>=")
_NUMBERS = ("0", "1", "2", "8", "3.5", "1024", "8002000", "-1", "1e3")
_TEXTS = ("true", "True", "ssd", "x", "Intel", "QEMU", "aes", "vmx", "vm", "m1.tiny", "h01", "")
_LIMITS = ("1", "2", "5", "x", "1,2", "3.5", "", " 2 ", "-1", "0", "100")
_MULTIPLIERS = ("2.0", "-1", "x", "0", "1,2", "", " 3", "1e3", "0.5")
_FACTS = (
    *("free_ram_mb", "free_disk_mb", "total_usable_ram_mb", "vcpus_total", "vcpus_used"),
    *("num_instances", "num_io_ops", "disk_mb_used", "total_usable_disk_gb"),
)
_WORDS = ("host", "nodename", "hypervisor_type", "hypervisor_hostname", "host_ip")
_IMAGE: Mapping[str, Sequence[str]] = {
    "hw_architecture": ("x86_64", "aarch64", "i686", "amd64", "i386"),
    "img_hv_type": ("kvm", "qemu", "xen", "lxc", "xapi"),
    "hw_vm_mode": ("hvm", "xen", "exe", "hv", "pv"),
    "img_hv_requested_version": (">=6.0", ">=6.0, <8.2", "<2", "!=8.2.0", "==8.2.0"),
    "os_distro": ("ubuntu", "windows", "centos"),
    "os_type": ("linux", "windows"),
}


def fleet(dice: Random, filters: Sequence[str], weighers: Sequence[str]) -> Fleet:
    """2 to 60 hosts of few kinds, so that many are equally good."""
    aggregates = {n: _metadata(dice) for n in range(1, dice.randint(0, 6) + 1)}
    zones = {n: {"availability_zone": f"z{n}"} for n in (90, 91)}
    kinds = [_kind(dice) for _ in range(dice.randint(1, 4))]
    pool = [uuid(dice) for _ in range(12)]
    is_alike = dice.random() < 0.4  # as after an empty start: all the same
    sizes = [_size(dice) for _ in range(1 if is_alike else 4)]
    hosts = []
    for number in range(dice.randint(2, dice.choice((4, 12, 60)))):
        here = sorted(n for n in aggregates if dice.random() < 0.4)
        here += [dice.choice((90, 91))] * (dice.random() < 0.5)
        hosts.append(_host(dice, number, dice.choice(kinds), dice.choice(sizes), here))
    for server in pool:
        if dice.random() < 0.8:
            one = dice.choice(hosts)
            one.servers = {**one.servers, server: _image(dice)}
            one.num_servers = max(one.num_servers, len(one.servers))
    options, metrics = _options(dice, hosts, filters, weighers)
    return Fleet(hosts, aggregates | zones, options, metrics)


def asks(dice: Random, fleet: Fleet, filters: Sequence[str], count: int) -> list[Ask]:
    """Requests for this fleet, one after another."""
    return [_ask(dice, fleet, filters) for _ in range(count)]


def _kind(dice: Random) -> Mapping[str, Any]:
    features = dice.sample(("aes", "avx", "vmx", "mmx", "sse4.1"), dice.randint(0, 4))
    cpu: dict[str, Any] = {"vendor": dice.choice(("Intel", "AMD")), "features": features}
    cpu["topology"] = {"cores": dice.choice((4, 8)), "threads": 2, "sockets": "1"}
    triples = [
        [dice.choice(("x86_64", "i686", "aarch64")), dice.choice(("kvm", "qemu", "xen")), mode]
        for mode in dice.sample(("hvm", "xen", "exe"), dice.randint(0, 3))
    ]
    return {
        "hypervisor_type": dice.choice(("QEMU", "xen", "ironic")),
        "hypervisor_version": dice.choice((8002000, 6000000, 7001002)),
        "cpu_info": cpu,
        "supported_instances": triples,
    }


def _size(dice: Random) -> tuple[int, int, int, dict[str, int], int]:
    vcpus, memory_mb = dice.choice((4, 8, 16)), dice.choice((4096, 8192, 16384))
    disk_gb = dice.choice((50, 100))
    used = {
        "vcpus": dice.choice((0, 2, 2, 2, vcpus)),
        "memory_mb": dice.choice((0, *(512, 1024, 1024, 2048) * 2, memory_mb, memory_mb + 512)),
        "disk_gb": dice.choice((0, 0, 20, 20, 20, disk_gb)),
    }
    return vcpus, memory_mb, disk_gb, used, dice.choice((0, 0, 1, 3))


def _host(
    dice: Random, number: int, kind: Mapping[str, Any], size: Any, aggregates: Sequence[int]
) -> Host:
    vcpus, memory_mb, disk_gb, used, servers = size
    reported = [name for name in METRICS if dice.random() < 0.9]
    return Host(
        name=f"h{number:02}",
        ip=f"10.0.{number // 8}.{number}",
        vcpus=vcpus,
        memory_mb=memory_mb,
        disk_gb=disk_gb,
        cpu_ratio=dice.choice((1.0, 4.0, 16.0)) if number % 5 == 0 else 4.0,
        kind=kind,
        used=used,
        num_io_ops=dice.choice((0, 0, 0, 1, 2, 9)),
        failed_builds=dice.choice((0, 0, 0, 0, 1, 3)),
        up=dice.random() < 0.95,
        enabled=dice.random() < 0.95,
        aggregates=aggregates,
        num_servers=servers,
        metrics={name: dice.choice((0, 10, 20)) for name in reported},
    )


def _metadata(dice: Random) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(dice.randint(0, 4)):
        key = dice.choice(("ssd", "rack", "tenant", "type", "limit", "image", "weight"))
        if key in ("ssd", "rack"):
            found[key] = dice.choice(("true", "true,false", " true ", "1", "2, 10", "", "x"))
        elif key == "tenant":
            name = dice.choice(("filter_tenant_id", "filter_tenant_id_2"))
            found[name] = dice.choice(("p1", "p1,p2", "p1 , p3", ""))
        elif key == "type":
            found["instance_type"] = dice.choice(
                ("m1.tiny", "m1.tiny,m1.small", "", "x , m1.tiny")
            )
        elif key == "limit":
            name = dice.choice(("max_io_ops_per_host", "max_instances_per_host"))
            found[name] = dice.choice(_LIMITS)
        elif key == "image":
            name = dice.choice(list(_IMAGE))
            found[name] = ",".join(dice.sample(_IMAGE[name], dice.randint(1, 2)))
        else:
            found[dice.choice(list(WEIGHERS.values()))] = dice.choice(_MULTIPLIERS)
    return found


def _options(
    dice: Random, hosts: Sequence[Host], filters: Sequence[str], weighers: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    options: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    for name in weighers:
        option, value = WEIGHERS[name], dice.choice((0.0, 0.5, 1.0, 1.0, 2.0, 1000.0))
        if option == "metrics_weight_multiplier":
            metrics["weight_multiplier"] = value
        elif not option.startswith(("soft", "build")):
            options[option] = dice.choice((value, value, -value))
        else:
            options[option] = value
    if "MetricsWeigher" in weighers:
        settings = (f"{METRICS[0]}=1.0", f"{METRICS[1]}=-2.0")
        metrics["weight_setting"] = dice.sample(settings, dice.randint(0, 2))
        metrics["required"] = dice.random() < 0.5
    if "ImagePropertiesWeigher" in weighers and dice.random() < 0.5:
        options["image_props_weight_setting"] = ["os_distro=2", "hw_vm_mode=0"]
    if "IsolatedHostsFilter" in filters and dice.random() < 0.3:
        options["isolated_hosts"] = [h.name for h in hosts if dice.random() < 0.3]
        options["isolated_images"] = [_ISOLATED] if dice.random() < 0.7 else []
        strict = dice.random() < 0.5
        options["restrict_isolated_hosts_to_isolated_images"] = strict
    options["max_io_ops_per_host"] = dice.choice((1, 8))
    options["max_instances_per_host"] = dice.choice((2, 50))
    return options, metrics


_ISOLATED = "00000000-0000-0000-0000-00000000000f"


def _ask(dice: Random, fleet: Fleet, filters: Sequence[str]) -> Ask:
    names = [one.name for one in fleet.hosts]
    servers = [server for one in fleet.hosts for server in one.servers]
    return Ask(
        uuid(dice),
        dice.choice(("p1", "p2", "p3")),
        _flavor(dice, "ComputeCapabilitiesFilter" in filters),
        image=_image(dice, 0.15 if "ImagePropertiesFilter" in filters else 0.04),
        image_id=_ISOLATED if dice.random() < 0.2 else "00000000-0000-0000-0000-000000000001",
        hints=_hints(dice, servers, filters),
        zone=dice.choice(("z90", "z91", "nova")) if dice.random() < 0.07 else None,
        group=_group(dice, servers) if dice.random() < 0.25 else None,
        ignore_hosts=dice.sample(names, 1) if dice.random() < 0.1 else (),
        force_hosts=dice.sample(names, 1) if dice.random() < 0.03 else (),
        only_host=dice.choice(names) if dice.random() < 0.04 else None,
    )


def _flavor(dice: Random, is_picky: bool) -> Flavor:
    specs = dict(_spec(dice) for _ in range(dice.choice((0, 0, 1, 1, 2) if is_picky else (0, 1))))
    memory_mb = dice.choice((64, 512, 512, 1024))
    name = dice.choice(("m1.tiny", "m1.small", "x"))
    return Flavor(name, dice.choice((1, 1, 4)), memory_mb, dice.choice((0, 1, 20)), 0, 0, specs)


def _spec(dice: Random) -> tuple[str, str]:
    facts = (
        *(*_FACTS, "hypervisor_type", "hypervisor_version", "host", "cpu_info:vendor"),
        *("cpu_info:features", "cpu_info:topology:cores", "cpu_info:nothing", "nothing"),
    )
    key = dice.choice(
        (
            f"capabilities:{dice.choice(facts)}",
            f"capabilities:{dice.choice(facts)}",
            f"aggregate_instance_extra_specs:{dice.choice(('ssd', 'rack', 'nothing'))}",
            dice.choice(("ssd", "rack", "nothing", "vcpus_total", "hypervisor_type")),
            dice.choice(("hw:cpu_policy", "trait:HW_CPU", "quota:cpu_shares", "a:b:c")),
        )
    )
    return key, _wanted(dice, key)


def _wanted(dice: Random, key: str) -> str:
    is_number = any(key.endswith(name) for name in (*_FACTS, "version", "cores"))
    values = _NUMBERS if is_number and dice.random() < 0.9 else (*_TEXTS, "1", "2")
    value = dice.choice(values)
    return dice.choice(
        (
            value,
            f"{dice.choice(_OPERATORS[:5])} {value}",
            f"{dice.choice(_OPERATORS[5:])} {value}",
            f"<in> {value}",
            f"<all-in> {value} {dice.choice(values)}",
            f"<or> {value} <or> {dice.choice(values)}",
            dice.choice(
                ("<or>", "<in>", "=", "", " ", f"{value} ", f"={value}", "> 2", "<or> a b")
            ),
        )
    )


def _image(dice: Random, often: float = 0.1) -> dict[str, str]:
    names = [name for name in _IMAGE if dice.random() < often]
    return {name: dice.choice(_IMAGE[name]) for name in names}


def _group(dice: Random, servers: Sequence[str]) -> Group:
    policy = dice.choice(("anti-affinity", "affinity", "soft-affinity", "soft-anti-affinity"))
    members = dice.sample(servers, dice.randint(0, len(servers)))
    rules = {"max_server_per_host": "2"} if "anti" in policy and dice.random() < 0.3 else {}
    return Group(policy, members, rules if policy == "anti-affinity" else {})


def _hints(dice: Random, servers: Sequence[str], filters: Sequence[str]) -> dict[str, list[str]]:
    hints = {}
    if dice.random() < (0.6 if "JsonFilter" in filters else 0.05):
        hints["query"] = [json.dumps(_query(dice, 0))]
    if dice.random() < 0.15:
        hints["different_host"] = dice.sample([*servers, uuid(dice)], dice.randint(1, 2) % 2 + 1)
    if dice.random() < (0.2 if "SameHostFilter" in filters else 0.02):
        hints["same_host"] = dice.sample([*servers, uuid(dice)], 1)
    if dice.random() < (0.3 if "SimpleCIDRAffinityFilter" in filters else 0.02):
        hints["build_near_host_ip"] = [f"10.0.{dice.randrange(4)}.{dice.randrange(9)}"]
        if dice.random() < 0.5:
            hints["cidr"] = [dice.choice(("/24", "/30", "/16", "/32"))]
    if dice.random() < 0.05:
        hints["unheard_of"] = ["x"]
    return hints


def _query(dice: Random, depth: int) -> Any:
    if depth == 0 and dice.random() < 0.05:
        return dice.choice(([], ["and"], ["or"], ["xor", 1], ["=", "$host"], {}))
    if depth < 3 and dice.random() < 0.45:
        inner = [_query(dice, depth + 1) for _ in range(dice.randint(1, 3))]
        return [dice.choice(("and", "or", "not")), *inner]
    if depth and dice.random() < 0.1:
        return dice.choice((True, False, "yes", 0, None, "", "$num_io_ops", "$nothing"))
    return _comparison(dice)


def _comparison(dice: Random) -> list[Any]:
    if dice.random() < 0.6:
        values = [int(float(v)) for v in dice.sample(_NUMBERS, dice.randint(1, 2))]
        return [dice.choice(("=", "<", ">", "<=", ">=", "in")), f"${dice.choice(_FACTS)}", *values]
    if dice.random() < 0.1:
        return ["<", f"${dice.choice(_WORDS)}", 5]
    fact = dice.choice((*_WORDS, "cpu_info.vendor", "nothing"))
    words = dice.sample((*_TEXTS, "h00", "10.0.0.1", "$nodename"), dice.randint(1, 3))
    return [dice.choice(("=", "in", "in", "<", ">=")), f"${fact}", *words]
