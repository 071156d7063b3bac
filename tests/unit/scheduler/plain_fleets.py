"""Random fleets and requests, as plain facts and as the product's table and request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import orjson
from hypothesis import strategies as st
from oslo_config import cfg

from minicloud.scheduler.contents import Contents
from minicloud.scheduler.contents import Server as Running
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.request import Request
from tests.options import defaults
from tests.unit.scheduler.plain_rules import Host, Meta, Options, Server, Wish

UUIDS = [f"u{number}" for number in range(1, 12)]
NAMES = [f"h{number}" for number in range(1, 9)]
OPTIONS = Options(
    max_io_ops=4,
    max_instances=5,
    isolated_images=["image-1"],
    isolated_hosts=["h2", "h5"],
    metric_ratios={"cpu": 0.5, "disk": -1.0},
    multipliers={"num_instances_weight_multiplier": -0.5, "image_props_weight_multiplier": 2.0},
)
OTHERS = Options(
    is_restricted=False,
    isolated_hosts=["h1"],
    namespace="win",
    metric_ratios={"cpu": 1.0, "more": 0.0},
    metrics_required=False,
    property_ratios={"os_distro": 2.0, "hw_vm_mode": -1.0},
    multipliers={"ram_weight_multiplier": -1.0, "image_props_weight_multiplier": 1.0},
)
USUAL = Wish(
    uuid="u1",
    flavor={
        "flavorid": "1",
        "name": "m1",
        "vcpus": 1,
        "memory_mb": 1,
        "root_gb": 0,
        "ephemeral_gb": 0,
        "swap_mb": 0,
        "extra_specs": {},
    },
)
_KINDS: list[Mapping[str, Any]] = [
    {},
    {"hypervisor_type": None, "cpu_info": None, "supported_instances": None},
    {
        "hypervisor_type": "QEMU",
        "hypervisor_version": 6002001,
        "cpu_info": {"arch": "x86_64", "features": ["aes", "vmx"], "topology": {"cores": 4}},
        "supported_instances": [["x86_64", "qemu", "hvm"], ["i686", "qemu", "hvm"]],
    },
    {
        "hypervisor_type": "xen",
        "hypervisor_version": 4000000,
        "cpu_info": {"arch": "i686", "features": [], "topology": {"cores": None}},
        "supported_instances": [["i686", "xen", "xen"], ["x86_64", "xen", "hvm"]],
    },
]
_RATIOS = ("1", "0.5", "1.5", "2, 1", "x", "nan", "inf", "-1", "0", " 3 ", "")
_NUMBERS = ("0", "1", "3", "9", "many", "2,1", " 4 ", "2.5", "")
_METADATA: Mapping[str, Sequence[str]] = {
    "ssd": ("true", "false", "true,false", "True", "", "10", " 3 ,x"),
    "availability_zone": ("z1", "z2"),
    "filter_tenant_id": ("p1", "p2", "p2,p1", "p2 , p3", ""),
    "filter_tenant_id_more": ("p1", "p3"),
    "instance_type": ("m1", "m2", "m1,m2", "m3 , m1", ""),
    "max_io_ops_per_host": _NUMBERS,
    "max_instances_per_host": _NUMBERS,
    "ram_allocation_ratio": _RATIOS,
    "cpu_allocation_ratio": _RATIOS,
    "disk_allocation_ratio": _RATIOS,
    "ram_weight_multiplier": ("2", "-1", "x", "0", "1,2"),
    "io_ops_weight_multiplier": ("2", "-3", ""),
    "build_failure_weight_multiplier": ("0", "1"),
    "metrics_weight_multiplier": ("0", "2"),
    "hw_architecture": ("x86_64", "i686", "amd64", "x86_64,i686"),
    "os_distro": ("debian", "debian,fedora", ""),
    "win.edition": ("home", "home,pro"),
    "hw_vm_mode": ("hvm", "xen"),
}
_SPECS: Mapping[str, Sequence[str]] = {
    "ssd": (
        "true",
        "s== true",
        "<or> true <or> 10",
        "= 3",
        "<in> tr",
        "<all-in> a b",
        "",
        "<or>",
        "<or> 1 10",
    ),
    "aggregate_instance_extra_specs:ssd": ("true", "!= 3", "s< z", "<or> x true", "true "),
    "aggregate_instance_extra_specs:nothing": ("true",),
    "hw:cpu_policy": ("dedicated",),
    "hypervisor_type": ("QEMU", "s!= xen"),
    "capabilities:hypervisor_type": ("<or> xen <or> QEMU", "<in> EM", "s>= a", "None"),
    "capabilities:hypervisor_version": (">= 5000000", "<= 5e6", "== six", "6002001", "> 1"),
    "capabilities:cpu_info:arch": ("x86_64", "<in> 86"),
    "capabilities:cpu_info:features": ("<in> vm", "<all-in> aes vmx", "<in> aes,"),
    "capabilities:cpu_info:topology:cores": ("= 2", "== 4", "<= 3"),
    "capabilities:free_ram_mb": (">= 1000", "= 0", "s< 2"),
    "capabilities:num_instances:deeper": ("1",),
    "capabilities:host": ("h1", "<or> h2 <or> h3"),
}
_IMAGE: Mapping[str, Sequence[str]] = {
    "hw_architecture": ("x86_64", "amd64", "i686", "I386", "arm", ""),
    "architecture": ("i686", "x86_64"),
    "img_hv_type": ("qemu", "xapi", "xen"),
    "hypervisor_type": ("xen",),
    "hw_vm_mode": ("hvm", "pv", "hv", "xen"),
    "img_hv_requested_version": (">=6.0", "<6.0", ">=4.0,<6.2.2", "six", "==6.2.1", ""),
    "hypervisor_version_requires": (">4.0", "!=4"),
    "os_distro": ("debian", "fedora", ""),
    "win.edition": ("home", "pro"),
}
_QUERY_LEAVES = (
    *("$free_ram_mb", "$num_instances", "$host", "$nodename", "$hypervisor_type", "$host_ip"),
    *("$cpu_info.arch", "$cpu_info.topology.cores", "$nothing", "$host.deeper"),
    *("h1", "h2", "n-h3", "QEMU", "x86_64", "", None, True, False, 0, 1, 4, 512),
)
_OPERATORS = ("and", "or", "not", "in", "=", "<", ">", "<=", ">=")
_NUMBERS_OF: Mapping[str, Sequence[int]] = {
    "vcpus": (1, 4, 16),
    "vcpus_limit": range(9),
    "vcpus_used": range(9),
    "memory_mb": (512, 1024, 4096),
    "memory_mb_limit": (0, 512, 1023, 4096),
    "memory_mb_used": (0, 1, 512, 2048, 4096),
    "disk_gb": (1, 10, 40),
    "disk_gb_limit": range(20),
    "disk_gb_used": range(20),
    "num_instances": range(10),
    "num_io_ops": range(10),
    "failed_builds": (0, 0, 1, 3),
    "reserved_vcpus": (0, 1),
    "reserved_memory_mb": (0, 512),
    "reserved_disk_gb": (0, 2),
}
_IPS = ("10.0.0.1", "10.0.0.200", "10.0.1.7", "fd00::1", "")
_POLICIES = (None, "affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")


def fleets(smallest: int = 1) -> st.SearchStrategy[list[Host]]:
    """A few hosts in a few aggregates: some are alike.

    By seeds, and not drawn one by one: examples are more different so, and take less time.
    """
    return _SEEDS.map(lambda seed: _fleet(Random(seed), smallest))


def wishes() -> st.SearchStrategy[Wish]:
    return _SEEDS.map(lambda seed: _wish(Random(seed)))


_SEEDS = st.integers(0, 2**64)


def _fleet(dice: Random, smallest: int) -> list[Host]:
    aggregates = [_some(dice, _METADATA, 4) for _ in range(dice.randrange(5))]
    names = NAMES[: dice.randint(smallest, len(NAMES))]
    made = [_host(dice, name, aggregates) for name in names]
    return [replace(one, servers=_only_here(one, made)) for one in made]


def _host(dice: Random, name: str, aggregates: Sequence[Meta]) -> Host:
    metrics = {key: dice.choice((0.0, 1.0, -2.5, 100.0)) for key in ("cpu", "disk", "more")}
    kept = {key: value for key, value in metrics.items() if dice.random() < 0.8}
    return Host(
        name=name,
        node=f"n-{name}",
        host_ip=dice.choice(_IPS),
        numbers={key: dice.choice(numbers) for key, numbers in _NUMBERS_OF.items()},
        kind=dice.choice(_KINDS),
        aggregates=[one for one in aggregates if dice.random() < 0.5],
        metrics=dice.choice((None, kept, kept)),
        is_up=dice.random() < 0.8,
        is_enabled=dice.random() < 0.8,
        servers=[_server(dice) for _ in range(dice.randrange(3))],
    )


def _server(dice: Random) -> Server:
    return Server(dice.choice(UUIDS), dice.choice(("1", "2")), _some(dice, _IMAGE, 2))


def _wish(dice: Random) -> Wish:
    hints = {
        "build_near_host_ip": dice.choice(("10.0.0.9", "10.0.1.1", "fd00::9", "")),
        "cidr": dice.choice(("/24", "/30", "/16", "/0", "")),
        "same_host": ["some-server"],
    }
    given = {name: value for name, value in hints.items() if dice.random() < 0.5}
    return Wish(
        uuid=dice.choice(UUIDS),
        flavor={
            "flavorid": dice.choice(("1", "2")),
            "name": dice.choice(("m1", "m2", "")),
            "vcpus": dice.randint(1, 4),
            "memory_mb": dice.choice((1, 512, 1024)),
            "root_gb": dice.randrange(7),
            "ephemeral_gb": dice.choice((0, 2)),
            "swap_mb": dice.choice((0, 1, 1024)),
            "extra_specs": _some(dice, _SPECS, 2),
        },
        image=_some(dice, _IMAGE, 3),
        image_id=dice.choice((None, "image-1", "image-2")),
        project_id=dice.choice(("p1", "p2", "p3")),
        zone=dice.choice((None, None, "z1", "nova")),
        hints=given,
        query=_query(dice, 3) if dice.random() < 0.7 else None,
        tried=_names(dice),
        policy=dice.choice(_POLICIES),
        group_hosts=_names(dice),
        max_server_per_host=dice.randint(1, 2),
        same_hosts=_names(dice) if "same_host" in given else [],
        different_hosts=_names(dice),
        named_group_hosts=_names(dice),
        ignored=_names(dice) if dice.random() < 0.5 else [],
        requested=dice.choice((None, None, None, "h1", "h9")),
    )


def _some(dice: Random, of: Mapping[str, Sequence[str]], most: int) -> dict[str, str]:
    """Some of the keys, each with one of its values."""
    keys = dice.sample(sorted(of), dice.randint(0, most))
    return {key: dice.choice(of[key]) for key in keys}


def _names(dice: Random) -> list[str]:
    return dice.choices(NAMES, k=dice.randrange(4))


def _query(dice: Random, depth: int) -> Any:
    arguments = [
        _query(dice, depth - 1) if depth and dice.random() < 0.4 else dice.choice(_QUERY_LEAVES)
        for _ in range(dice.choice((0, 1, 2, 2, 2, 3)))
    ]
    return [dice.choice(_OPERATORS), *arguments] if dice.random() < 0.95 else []


def _only_here(host: Host, fleet: Sequence[Host]) -> list[Server]:
    """A server is on the first host that was drawn with it."""
    before = {s.uuid for one in fleet[: fleet.index(host)] for s in one.servers}
    return list({s.uuid: s for s in host.servers if s.uuid not in before}.values())


def conf_of(options: Options) -> cfg.ConfigOpts:
    conf = defaults()
    values = {
        "max_io_ops_per_host": options.max_io_ops,
        "max_instances_per_host": options.max_instances,
        "isolated_images": list(options.isolated_images),
        "isolated_hosts": list(options.isolated_hosts),
        "restrict_isolated_hosts_to_isolated_images": options.is_restricted,
        "aggregate_image_properties_isolation_namespace": options.namespace,
        **options.multipliers,
    }
    for name, value in values.items():
        conf.set_override(name, value, "filter_scheduler")
    ratios = [f"{name}={ratio}" for name, ratio in options.metric_ratios.items()]
    conf.set_override("weight_setting", ratios, "metrics")
    conf.set_override("required", options.metrics_required, "metrics")
    worth = [f"{name}={ratio}" for name, ratio in options.property_ratios.items()]
    conf.set_override("image_props_weight_setting", worth, "filter_scheduler")
    return conf


def table_of(hosts: Sequence[Host]) -> HostTable:
    contents = Contents(is_kept=True)
    for one in hosts:
        for each in one.servers:
            flavor, image = {"flavorid": each.flavor}, {"properties": each.properties}
            contents.put(each.uuid, Running.of(one.name, flavor, image))
    made = HostTable(contents=contents)
    made.update(
        HostFacts(
            host=one.name,
            node=one.node,
            agent="agent",
            numbers=one.numbers,
            kind=one.kind,
            host_ip=one.host_ip,
            metrics=one.metrics,
        )
        for one in hosts
    )
    made.set_alive(
        [one.name for one in hosts if one.is_up],
        [one.name for one in hosts if not one.is_enabled],
    )
    # the same metadata is the same aggregate
    metas = {id(meta): meta for one in hosts for meta in one.aggregates}
    number = {key: place for place, key in enumerate(metas)}
    made.set_aggregates(
        {number[key]: meta for key, meta in metas.items()},
        {one.name: [number[id(meta)] for meta in one.aggregates] for one in hosts},
    )
    return made


def request_of(wish: Wish) -> Request:
    hints = dict(wish.hints)
    if wish.query is not None:
        hints["query"] = orjson.dumps(wish.query).decode()
    properties: dict[str, Any] = {
        "scheduler_hints": hints,
        "retry": {"num_attempts": 1, "hosts": [[name, f"n-{name}"] for name in wish.tried]},
        "ignore_hosts": list(wish.ignored),
        "requested_destination": {"host": wish.requested, "node": None},
        "same_hosts": list(wish.same_hosts),
        "different_hosts": list(wish.different_hosts),
        "named_group_hosts": list(wish.named_group_hosts),
    }
    if wish.policy:
        properties |= {
            "group": "g",
            "group_policies": [wish.policy],
            "group_hosts": list(wish.group_hosts),
            "group_rules": {"max_server_per_host": wish.max_server_per_host},
        }
    spec = {
        "instance_type": dict(wish.flavor),
        "instance_properties": {
            "availability_zone": wish.zone,
            "project_id": wish.project_id,
            "user_id": "alice",
        },
        "image": {"id": wish.image_id, "properties": dict(wish.image)},
        "num_instances": 1,
    }
    return Request.of(wish.uuid, spec, properties)
