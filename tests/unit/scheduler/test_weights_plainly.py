"""Weights over columns against a plain reading of each host, from SEMANTICS section 10."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.scheduler import plugins
from minicloud.scheduler.contents import Contents, Server
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, weighable, weights
from tests.unit.scheduler.hosts import table

Host = Mapping[str, Any]

_NAMES: Final = (
    *("RAMWeigher", "CPUWeigher", "DiskWeigher", "IoOpsWeigher", "NumInstancesWeigher"),
    *("ServerGroupSoftAffinityWeigher", "ServerGroupSoftAntiAffinityWeigher"),
    *("BuildFailureWeigher", "HypervisorVersionWeigher", "MetricsWeigher"),
    "ImagePropertiesWeigher",
)
_KEYS: Final = (
    *("ram", "cpu", "disk", "io_ops", "num_instances", "soft_affinity", "soft_anti_affinity"),
    *("build_failure", "hypervisor_version", "metrics", "image_props"),
)
_WITH_MINIMUM: Final = ("ram", "cpu", "disk", "io_ops")
_MULTIPLIERS: Final = {
    **dict.fromkeys(_KEYS, 1.0),
    "io_ops": -1.0,
    "num_instances": 0.0,
    "build_failure": 1000000.0,
    "image_props": 0.5,
}


def _raw(key: str, host: Host, asked: Mapping[str, Any]) -> float | None:
    """What one weigher says of one host; None: it cannot."""
    match key:
        case "ram":
            return float(host["memory_mb_limit"] - host["memory_mb_used"])
        case "cpu":
            return float(host["vcpus_limit"] - host["vcpus_used"])
        case "disk":
            return float(1024 * (host["disk_gb_limit"] - host["disk_gb_used"]))
        case "io_ops":
            return float(host["num_io_ops"])
        case "num_instances":
            return float(host["num_instances"])
        case "build_failure":
            return float(host["failed_builds"])
        case "hypervisor_version":
            return float(host["version"] or 0)
        case "soft_affinity" | "soft_anti_affinity":
            if asked["policy"].replace("-", "_") != key:
                return 0.0
            members = float(list(asked["members"]).count(host["name"]))
            return members if key == "soft_affinity" else -members
        case "metrics":
            return _by_metrics(host, asked)
    return _by_images(host, asked)


def _by_metrics(host: Host, asked: Mapping[str, Any]) -> float | None:
    value = 0.0
    for name, ratio in asked["setting"].items():
        if name in host["metrics"]:
            value += host["metrics"][name] * ratio
        elif asked["required"]:
            return None
        elif ratio * _multiplier("metrics", host) != 0:
            return -10000.0
    return value


def _by_images(host: Host, asked: Mapping[str, Any]) -> float:
    value = 0.0
    for properties in host["images"]:
        for name, text in properties.items():
            if asked["properties"].get(name) == text:
                value += asked["worth"].get(name, 0.0) if asked["worth"] else 1.0
    return value


def _multiplier(key: str, host: Host) -> float:
    texts = [
        meta[f"{key}_weight_multiplier"]
        for meta in host["aggregates"]
        if f"{key}_weight_multiplier" in meta
    ]
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        numbers = []
    return min(numbers, default=_MULTIPLIERS[key]) * (-1 if key == "build_failure" else 1)


def _plainly(hosts: Sequence[Host], asked: Mapping[str, Any]) -> list[float | None]:
    """The weight of each host; None: refused."""
    if len(hosts) < 2:
        return [0.0] * len(hosts)
    counts = [key for key in _KEYS if any(_multiplier(key, host) for host in hosts)]
    if not asked["setting"]:
        counts.remove("metrics")
    raw = {key: [_raw(key, host, asked) for host in hosts] for key in counts}
    kept = [all(raw[key][at] is not None for key in counts) for at in range(len(hosts))]
    total = [0.0 if keep else None for keep in kept]
    for key in counts:
        values = [
            float(v) for v, keep in zip(raw[key], kept, strict=True) if keep and v is not None
        ]
        low = 0.0 if key in _WITH_MINIMUM else min(values, default=0.0)
        values = [max(value, low) for value in values]
        span = max(values, default=low) - low
        shares = iter([(value - low) / span if span else 0.0 for value in values])
        for at, host in enumerate(hosts):
            before = total[at]
            if before is not None:
                total[at] = before + _multiplier(key, host) * next(shares)
    return total


def _rules(asked: Mapping[str, Any]) -> Rules:
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    for group, name, value in (
        ("filter_scheduler", "image_props_weight_multiplier", _MULTIPLIERS["image_props"]),
        ("filter_scheduler", "image_props_weight_setting", _texts(asked["worth"])),
        ("metrics", "weight_setting", _texts(asked["setting"])),
        ("metrics", "required", asked["required"]),
    ):
        conf.set_override(name, value, group)
    return Rules((), plugins.load("weighers", _NAMES, conf))


def _texts(numbers: Mapping[str, float]) -> list[str]:
    return [f"{name}={number}" for name, number in numbers.items()]


def _table(hosts: Sequence[Host]) -> HostTable:
    words = ("name", "version", "metrics", "images", "aggregates")
    numbers = [{k: v for k, v in host.items() if k not in words} for host in hosts]
    made = table(
        *numbers,
        aggregates={host["name"]: host["aggregates"] for host in hosts},
        kinds={host["name"]: {"hypervisor_version": host["version"]} for host in hosts},
        metrics={host["name"]: host["metrics"] for host in hosts},
        contents=Contents(is_kept=True),
    )
    for host in hosts:
        for number, properties in enumerate(host["images"]):
            server = Server.of(host["name"], {}, {"properties": properties})
            made.contents.put(f"{host['name']}-{number}", server)
    return made


def _request(asked: Mapping[str, Any]) -> Request:
    flavor = {"vcpus": 1, "memory_mb": 1, "root_gb": 0, "ephemeral_gb": 0, "swap_mb": 0}
    spec = {"instance_type": flavor, "image": {"properties": asked["properties"]}}
    group = {"group_policies": [asked["policy"]], "group_hosts": list(asked["members"])}
    return Request.of("new", spec, group)


_number = st.integers(0, 6)
_properties = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
_ratios = st.dictionaries(st.sampled_from("pq"), st.sampled_from([-2.0, 0.0, 1.5]), max_size=2)
_metadata = st.dictionaries(
    st.sampled_from(_KEYS).map(lambda key: f"{key}_weight_multiplier"),
    st.sampled_from(["-1.5", "0", "2", "much", " 1 "]),
    max_size=4,
)
_host = st.fixed_dictionaries(
    {
        **dict.fromkeys(("memory_mb_limit", "memory_mb_used", "num_instances"), _number),
        **dict.fromkeys(("vcpus_limit", "vcpus_used", "num_io_ops"), _number),
        **dict.fromkeys(("disk_gb_limit", "disk_gb_used", "failed_builds"), _number),
        "version": st.sampled_from([None, 1000, 2000]),
        "metrics": st.dictionaries(st.sampled_from("pq"), st.sampled_from([-1.0, 0.5, 3.0])),
        "images": st.lists(_properties, max_size=3),
        "aggregates": st.lists(_metadata, max_size=2),
    }
)
_asked = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["soft-affinity", "soft-anti-affinity", "affinity"]),
        "members": st.lists(st.sampled_from(["h1", "h2", "h3", "h9"]), max_size=5),
        "properties": _properties,
        "worth": st.dictionaries(st.sampled_from("ab"), st.sampled_from([0.0, 2.5]), max_size=2),
        "setting": _ratios,
        "required": st.booleans(),
    }
)


@settings(max_examples=300)
@given(st.lists(_host, min_size=1, max_size=6), _asked)
def test_weights_over_columns_are_what_a_plain_reading_of_each_host_gives(
    facts: list[dict[str, Any]], asked: dict[str, Any]
) -> None:
    hosts = [{**fact, "name": f"h{number}"} for number, fact in enumerate(facts, 1)]
    plain = _plainly(hosts, asked)
    expected = [math.nan if weight is None else weight for weight in plain]
    books, rules = _table(hosts), _rules(asked)

    found = weights(books, _request(asked), rules, np.arange(len(hosts)))

    assert found.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)
    left, _weight = weighable(books, _request(asked), rules)
    assert left.tolist() == [at for at, weight in enumerate(plain) if weight is not None]
