"""The rules of SEMANTICS sections 7 to 10 as one reads them: for one host, in plain words.

Nothing of the product is called: this is what filters and weighers over columns are held to.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Meta = Mapping[str, str]


@dataclass(frozen=True)
class Server:
    uuid: str
    flavor: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Host:
    name: str
    node: str
    host_ip: str
    numbers: Mapping[str, int]
    kind: Mapping[str, Any]
    aggregates: Sequence[Meta]
    metrics: Mapping[str, float] | None
    is_up: bool
    is_enabled: bool
    servers: Sequence[Server] = ()

    def limit(self, of: str) -> int:
        return self.numbers[f"{of}_limit"]

    def free(self, of: str) -> int:
        return self.limit(of) - self.numbers[f"{of}_used"]

    def values(self, key: str) -> set[str]:
        """Over all aggregates, each text split at its commas."""
        texts = [meta[key] for meta in self.aggregates if key in meta]
        return {part.strip() for text in texts for part in text.split(",")}

    def least(self, key: str, otherwise: float, number: Callable[[str], float] = float) -> float:
        """As Nova has it: a text is taken whole, and one that is no number spoils the others."""
        try:
            numbers = [number(meta[key]) for meta in self.aggregates if key in meta]
        except ValueError:
            return otherwise
        return min(numbers) if numbers and all(map(math.isfinite, numbers)) else otherwise

    @property
    def zone(self) -> str:
        zones = [m["availability_zone"] for m in self.aggregates if "availability_zone" in m]
        return zones[0] if zones else "nova"


@dataclass(frozen=True)
class Wish:
    uuid: str
    flavor: Mapping[str, Any]
    image: Mapping[str, Any] = field(default_factory=dict)
    image_id: str | None = None
    project_id: str = "p1"
    zone: str | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    query: Any = None  # what the hint of that name says
    tried: Sequence[str] = ()
    policy: str | None = None
    group_hosts: Sequence[str] = ()
    max_server_per_host: int = 1
    same_hosts: Sequence[str] = ()
    different_hosts: Sequence[str] = ()
    named_group_hosts: Sequence[str] = ()
    ignored: Sequence[str] = ()
    requested: str | None = None

    @property
    def disk_mb(self) -> int:
        gb = self.flavor["root_gb"] + self.flavor["ephemeral_gb"]
        return int(gb * 1024 + self.flavor["swap_mb"])


@dataclass(frozen=True)
class Options:
    """Those of the configuration."""

    max_io_ops: int = 8
    max_instances: int = 50
    isolated_images: Sequence[str] = ()
    isolated_hosts: Sequence[str] = ()
    is_restricted: bool = True
    namespace: str = ""
    metric_ratios: Mapping[str, float] = field(default_factory=dict)
    metrics_required: bool = True
    property_ratios: Mapping[str, float] = field(default_factory=dict)
    multipliers: Mapping[str, float] = field(default_factory=dict)


Rule = Callable[[Host, Wish, Options], bool]


# Room


def ram(host: Host, wish: Wish, _options: Options) -> bool:
    return host.free("memory_mb") >= int(wish.flavor["memory_mb"])


def core(host: Host, wish: Wish, _options: Options) -> bool:
    return host.free("vcpus") >= int(wish.flavor["vcpus"])


def disk(host: Host, wish: Wish, _options: Options) -> bool:
    return host.free("disk_gb") * 1024 >= wish.disk_mb


def _free_at_ratio(host: Host, of: str, key: str) -> int:
    ratio = host.least(key, math.nan)
    if math.isnan(ratio):
        return host.free(of)
    limit = int(host.numbers[of] * ratio) - host.numbers[f"reserved_{of}"]
    return max(limit, 0) - host.numbers[f"{of}_used"]


def aggregate_ram(host: Host, wish: Wish, _options: Options) -> bool:
    free = _free_at_ratio(host, "memory_mb", "ram_allocation_ratio")
    return bool(free >= wish.flavor["memory_mb"])


def aggregate_core(host: Host, wish: Wish, _options: Options) -> bool:
    return bool(_free_at_ratio(host, "vcpus", "cpu_allocation_ratio") >= wish.flavor["vcpus"])


def aggregate_disk(host: Host, wish: Wish, _options: Options) -> bool:
    return _free_at_ratio(host, "disk_gb", "disk_allocation_ratio") * 1024 >= wish.disk_mb


def io_ops(host: Host, _wish: Wish, options: Options) -> bool:
    return host.numbers["num_io_ops"] < options.max_io_ops


def aggregate_io_ops(host: Host, _wish: Wish, options: Options) -> bool:
    most = host.least("max_io_ops_per_host", options.max_io_ops, int)
    return host.numbers["num_io_ops"] < most


def num_instances(host: Host, _wish: Wish, options: Options) -> bool:
    return host.numbers["num_instances"] < options.max_instances


def aggregate_num_instances(host: Host, _wish: Wish, options: Options) -> bool:
    most = host.least("max_instances_per_host", options.max_instances, int)
    return host.numbers["num_instances"] < most


# Who and where


def all_hosts(_host: Host, _wish: Wish, _options: Options) -> bool:
    return True


def compute(host: Host, _wish: Wish, _options: Options) -> bool:
    return host.is_up and host.is_enabled


def retry(host: Host, wish: Wish, _options: Options) -> bool:
    return host.name not in wish.tried


def availability_zone(host: Host, wish: Wish, _options: Options) -> bool:
    return not wish.zone or host.zone == wish.zone


def tenants(host: Host, wish: Wish, _options: Options) -> bool:
    keys = [k for meta in host.aggregates for k in meta if k.startswith("filter_tenant_id")]
    return not keys or any(wish.project_id in host.values(key) for key in keys)


def aggregate_type(host: Host, wish: Wish, _options: Options) -> bool:
    if not any("instance_type" in meta for meta in host.aggregates):
        return True
    return wish.flavor["name"] in host.values("instance_type")


def one_type(host: Host, wish: Wish, _options: Options) -> bool:
    others = [one for one in host.servers if one.uuid != wish.uuid]
    return all(one.flavor == wish.flavor["flavorid"] for one in others)


def isolated(host: Host, wish: Wish, options: Options) -> bool:
    is_isolated = host.name in options.isolated_hosts
    if wish.image_id in options.isolated_images:
        return is_isolated
    return not is_isolated or not options.is_restricted


# Other servers


def affinity(host: Host, wish: Wish, _options: Options) -> bool:
    if wish.policy != "affinity" or not wish.group_hosts:
        return True
    return host.name in wish.group_hosts


def anti_affinity(host: Host, wish: Wish, _options: Options) -> bool:
    here = list(wish.group_hosts).count(host.name)
    return wish.policy != "anti-affinity" or here < wish.max_server_per_host


def same_host(host: Host, wish: Wish, _options: Options) -> bool:
    return not wish.hints.get("same_host") or host.name in wish.same_hosts


def different_host(host: Host, wish: Wish, _options: Options) -> bool:
    return host.name not in wish.different_hosts


def named_affinity(host: Host, wish: Wish, _options: Options) -> bool:
    return not wish.named_group_hosts or host.name in wish.named_group_hosts


def named_anti_affinity(host: Host, wish: Wish, _options: Options) -> bool:
    return host.name not in wish.named_group_hosts


def cidr_affinity(host: Host, wish: Wish, _options: Options) -> bool:
    near = wish.hints.get("build_near_host_ip")
    if not near:
        return True
    network = ipaddress.ip_network(near + (wish.hints.get("cidr") or "/24"), strict=False)
    try:
        return ipaddress.ip_address(host.host_ip) in network
    except ValueError:
        return False


# Operators


def matches(value: Any, spec: str) -> bool:
    """Whether a text of a host is what a spec asks for (section 8)."""
    words = spec.split()
    if not words or words[0] not in _OPERATORS:
        return bool(value == spec)
    name, operands = words[0], words[1:]
    if not operands:
        return False
    if name == "<or>":
        return value in operands[::2]
    if name == "<all-in>":
        return all(operand in value for operand in operands)
    if name == "<in>":
        return operands[0] in value
    if name.startswith("s"):
        return _order(name[1:], value, operands[0])
    try:
        return _order(">=" if name == "=" else name, float(value), float(operands[0]))
    except ValueError:
        return False


_OPERATORS = (
    *("=", "==", "!=", ">=", "<=", "<in>", "<all-in>", "<or>"),
    *("s==", "s!=", "s<", "s<=", "s>", "s>="),
)


def _order(name: str, left: Any, right: Any) -> bool:
    return bool(
        {
            "==": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[name]
    )


def _specs(wish: Wish, scope: str) -> list[tuple[str, str, bool]]:
    """(name, text, whether it has the scope) of those without one and those with this one."""
    found = []
    for key, text in wish.flavor["extra_specs"].items():
        before, colon, rest = key.partition(":")
        if not colon:
            found.append((key, text, False))
        elif before == scope:
            found.append((rest, text, True))
    return found


# What hosts and aggregates are


def facts(host: Host) -> dict[str, Any]:
    """By Nova's names; free is what may still be claimed."""
    return {
        "host": host.name,
        "nodename": host.node,
        "hypervisor_hostname": host.node,
        "host_ip": host.host_ip,
        "free_ram_mb": host.free("memory_mb"),
        "total_usable_ram_mb": host.numbers["memory_mb"],
        "free_disk_mb": host.free("disk_gb") * 1024,
        "disk_mb_used": host.numbers["disk_gb_used"] * 1024,
        "total_usable_disk_gb": host.numbers["disk_gb"],
        "vcpus_total": host.numbers["vcpus"],
        "vcpus_used": host.numbers["vcpus_used"],
        **{n: host.numbers[n] for n in ("num_instances", "num_io_ops", "failed_builds")},
        **host.kind,
    }


def _at(host: Host, path: Sequence[str]) -> tuple[bool, Any]:
    """Whether the path leads anywhere, and to what."""
    here: Any = facts(host)
    for word in path:
        if not isinstance(here, Mapping) or word not in here:
            return False, None
        here = here[word]
    return True, here


def capabilities(host: Host, wish: Wish, _options: Options) -> bool:
    for name, text, is_scoped in _specs(wish, "capabilities"):
        is_there, value = _at(host, name.split(":"))
        if not is_there and is_scoped:
            return False
        if is_there and (value is None or not matches(str(value), text)):
            return False
    return True


def aggregate_specs(host: Host, wish: Wish, _options: Options) -> bool:
    return all(
        any(matches(value, text) for value in host.values(name))
        for name, text, _is_scoped in _specs(wish, "aggregate_instance_extra_specs")
    )


_SAME = {
    "architecture": {"amd64": "x86_64", "i386": "i686"},
    "type": {"xapi": "xen"},
    "mode": {"pv": "xen", "hv": "hvm"},
}
_ASKED = {
    "hw_architecture": "architecture",
    "architecture": "architecture",
    "img_hv_type": "type",
    "hypervisor_type": "type",
    "hw_vm_mode": "mode",
    "vm_mode": "mode",
}


def word(key: str, value: str) -> str:
    """The one that Nova has for it, where there are several."""
    if key not in _ASKED:
        return value
    return _SAME[_ASKED[key]].get(value.lower(), value.lower())


def aggregate_images(host: Host, wish: Wish, options: Options) -> bool:
    for key, value in wish.image.items():
        if not value or not key.startswith(f"{options.namespace}." if options.namespace else ""):
            continue
        named = host.values(key)
        if named and word(key, value) not in named:
            return False
    return True


def image_properties(host: Host, wish: Wish, _options: Options) -> bool:
    asked = {}
    for key in ("architecture", "hypervisor_type", "vm_mode"):  # the newer name wins
        if wish.image.get(key):
            asked[_ASKED[key]] = word(key, wish.image[key])
    for key in ("hw_architecture", "img_hv_type", "hw_vm_mode"):
        if wish.image.get(key):
            asked[_ASKED[key]] = word(key, wish.image[key])
    supported = host.kind.get("supported_instances") or []
    if asked and not any(all(a in one for a in asked.values()) for one in supported):
        return False
    versions = wish.image.get("img_hv_requested_version") or wish.image.get(
        "hypervisor_version_requires"
    )
    return not versions or _is_version(host.kind.get("hypervisor_version"), versions)


def _is_version(number: int | None, predicates: str) -> bool:
    """`number`: 6002001 is 6.2.1."""
    if not number:
        return False
    found = (number // 1_000_000, number // 1000 % 1000, number % 1000)
    for each in predicates.split(","):
        read = re.fullmatch(r"\s*(<=|>=|<|>|==|!=)\s*([\d.]+)\s*", each)
        if read is None:
            return False
        parts = [int(part) for part in read[2].split(".")]
        if not _order(read[1], found, tuple([*parts, 0, 0][:3])):
            return False
    return True


def metrics(host: Host, _wish: Wish, options: Options) -> bool:
    return all(name in (host.metrics or {}) for name in options.metric_ratios)


# Queries


def query(host: Host, wish: Wish, _options: Options) -> bool:
    def fact(word: str) -> Any:
        return _at(host, word.split("."))[1]

    return not wish.query or bool(said(wish.query, fact))


def said(asked: Any, fact: Callable[[str], Any]) -> Any:
    """What a part of a query is for a host with these facts; None: left out."""
    if isinstance(asked, str) and asked.startswith("$"):
        return fact(asked[1:])
    if not isinstance(asked, list):
        return None if asked == "" else asked
    if not asked:
        return True
    name, *rest = asked
    arguments = [value for value in (said(each, fact) for each in rest) if value is not None]
    if name == "not":
        return any(not value for value in arguments)
    if name == "and":
        return all(arguments)
    if name == "or":
        return any(arguments)
    if len(arguments) < 2:
        return False
    first, *others = arguments
    if name == "in":
        return first in others
    return all(_compared(name, first, other) for other in others)


def _compared(name: str, left: Any, right: Any) -> bool:
    try:
        return _order("==" if name == "=" else name, left, right)
    except TypeError:  # a text and a number
        return name == "=" and bool(left == right)


FILTERS: Mapping[str, Rule] = {
    "AggregateCoreFilter": aggregate_core,
    "AggregateDiskFilter": aggregate_disk,
    "AggregateImagePropertiesIsolation": aggregate_images,
    "AggregateInstanceExtraSpecsFilter": aggregate_specs,
    "AggregateIoOpsFilter": aggregate_io_ops,
    "AggregateMultiTenancyIsolation": tenants,
    "AggregateNumInstancesFilter": aggregate_num_instances,
    "AggregateRamFilter": aggregate_ram,
    "AggregateTypeAffinityFilter": aggregate_type,
    "AllHostsFilter": all_hosts,
    "AvailabilityZoneFilter": availability_zone,
    "ComputeCapabilitiesFilter": capabilities,
    "ComputeFilter": compute,
    "CoreFilter": core,
    "DifferentHostFilter": different_host,
    "DiskFilter": disk,
    "GroupAffinityFilter": named_affinity,
    "GroupAntiAffinityFilter": named_anti_affinity,
    "ImagePropertiesFilter": image_properties,
    "IoOpsFilter": io_ops,
    "IsolatedHostsFilter": isolated,
    "JsonFilter": query,
    "MetricsFilter": metrics,
    "NumInstancesFilter": num_instances,
    "RamFilter": ram,
    "RetryFilter": retry,
    "SameHostFilter": same_host,
    "ServerGroupAffinityFilter": affinity,
    "ServerGroupAntiAffinityFilter": anti_affinity,
    "SimpleCIDRAffinityFilter": cidr_affinity,
    "TypeAffinityFilter": one_type,
}
