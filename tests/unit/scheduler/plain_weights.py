"""Weighers and the choice as SEMANTICS section 10 has them, one host at a time."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.unit.scheduler.plain_rules import Host, Options, Wish, word

Raw = Callable[[Host, Wish, Options], float]


@dataclass(frozen=True)
class Weigher:
    """`key`: of the option, and of what aggregates say. `sign`: -1 where Nova turns the sign."""

    raw: Raw
    key: str
    option: float
    minimum: float | None = None
    sign: int = 1

    def multiplier(self, host: Host, options: Options) -> float:
        return self.sign * host.least(self.key, options.multipliers.get(self.key, self.option))


def _metrics(host: Host, _wish: Wish, options: Options) -> float:
    """NaN: a metric is missing where all are required. Else one that counts nothing may be, and
    any where the aggregates of the host say that metrics count nothing."""
    told = host.metrics or {}
    missing = [name for name in options.metric_ratios if name not in told]
    if missing and options.metrics_required:
        return math.nan
    counts = WEIGHERS["MetricsWeigher"].multiplier(host, options)
    if counts and any(options.metric_ratios[name] for name in missing):
        return -10000.0
    return sum(told.get(name, 0.0) * ratio for name, ratio in options.metric_ratios.items())


def _properties(host: Host, wish: Wish, options: Options) -> float:
    """For every server on the host what counts of the properties that its image shares."""
    shared = [
        name
        for server in host.servers
        for name, value in server.properties.items()
        if name in wish.image and word(name, wish.image[name]) == word(name, value)
    ]
    if not options.property_ratios:
        return len(shared)
    return sum(options.property_ratios.get(name, 0.0) for name in shared)


def _together(host: Host, wish: Wish, _options: Options) -> float:
    return list(wish.group_hosts).count(host.name) if wish.policy == "soft-affinity" else 0


def _apart(host: Host, wish: Wish, _options: Options) -> float:
    return -list(wish.group_hosts).count(host.name) if wish.policy == "soft-anti-affinity" else 0


WEIGHERS: Mapping[str, Weigher] = {
    "BuildFailureWeigher": Weigher(
        lambda host, _wish, _options: host.numbers["failed_builds"],
        "build_failure_weight_multiplier",
        1_000_000.0,
        sign=-1,
    ),
    "CPUWeigher": Weigher(
        lambda host, _wish, _options: host.free("vcpus"), "cpu_weight_multiplier", 1.0, 0
    ),
    "DiskWeigher": Weigher(
        lambda host, _wish, _options: host.free("disk_gb") * 1024,
        "disk_weight_multiplier",
        1.0,
        0,
    ),
    "HypervisorVersionWeigher": Weigher(
        lambda host, _wish, _options: host.kind.get("hypervisor_version") or 0,
        "hypervisor_version_weight_multiplier",
        1.0,
    ),
    "ImagePropertiesWeigher": Weigher(_properties, "image_props_weight_multiplier", 0.0),
    "IoOpsWeigher": Weigher(
        lambda host, _wish, _options: host.numbers["num_io_ops"],
        "io_ops_weight_multiplier",
        -1.0,
        0,
    ),
    "MetricsWeigher": Weigher(_metrics, "metrics_weight_multiplier", 1.0),
    "NumInstancesWeigher": Weigher(
        lambda host, _wish, _options: host.numbers["num_instances"],
        "num_instances_weight_multiplier",
        0.0,
    ),
    "RAMWeigher": Weigher(
        lambda host, _wish, _options: host.free("memory_mb"), "ram_weight_multiplier", 1.0, 0
    ),
    "ServerGroupSoftAffinityWeigher": Weigher(_together, "soft_affinity_weight_multiplier", 1.0),
    "ServerGroupSoftAntiAffinityWeigher": Weigher(
        _apart, "soft_anti_affinity_weight_multiplier", 1.0
    ),
}


def totals(
    hosts: Sequence[Host], weighers: Sequence[Weigher], wish: Wish, options: Options
) -> dict[str, float]:
    """The sum of the weights of each host by its name; all 0 where there is only one host."""
    total = {host.name: 0.0 for host in hosts}
    if len(hosts) < 2:
        return total
    for weigher in weighers:
        raw = {host.name: weigher.raw(host, wish, options) for host in hosts}
        if weigher.minimum is not None:
            raw = {name: max(value, weigher.minimum) for name, value in raw.items()}
        low = min(raw.values()) if weigher.minimum is None else weigher.minimum
        span = max(raw.values()) - low
        for host in hosts:
            normalised = (raw[host.name] - low) / span if span else 0.0
            total[host.name] += weigher.multiplier(host, options) * normalised
    return total


def best(total: Mapping[str, float]) -> set[str]:
    """The names of the hosts that tie for best."""
    top = max(total.values(), default=0.0)
    return {name for name, weight in total.items() if weight >= top - 1e-9}
