"""Weighers: raw values, bounds, and multipliers by aggregate, as SEMANTICS section 10 has them."""

from typing import Any

import numpy as np
import pytest
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.select import Rules, Weighed, weighed
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


def breakdown(conf: cfg.ConfigOpts, name: str, hosts: Any, **properties: Any) -> Weighed | None:
    """What one weigher makes of all hosts; None where it counts for none of them."""
    rules = Rules((), plugins.load("weighers", [name], conf))
    found = weighed(hosts, request(**properties), rules, np.arange(len(hosts)))
    return found[0] if found else None


def test_a_breakdown_shows_each_step(conf: cfg.ConfigOpts) -> None:
    conf.set_override("ram_weight_multiplier", 3.0, "filter_scheduler")
    hosts = table(
        {"memory_mb_limit": 2048},
        {"memory_mb_limit": 4096},
        {"memory_mb_limit": 0, "memory_mb_used": 512},
    )

    found = breakdown(conf, "RAMWeigher", hosts)

    assert found is not None
    assert found.name == "RAMWeigher"
    assert found.raw.tolist() == [2048, 4096, -512]
    assert found.normalised.tolist() == [0.5, 1.0, 0.0]
    assert found.multiplier.tolist() == [3.0, 3.0, 3.0]
    assert found.weighted.tolist() == [1.5, 3.0, 0.0]


@pytest.mark.parametrize(
    ("name", "facts", "raw", "normalised"),
    [
        ("RAMWeigher", [{"memory_mb_used": 4096}, {}], [4096, 8192], [0.5, 1]),
        ("CPUWeigher", [{"vcpus_limit": 32, "vcpus_used": 8}, {}], [24, 64], [0.375, 1]),
        ("CPUWeigher", [{"vcpus_limit": 0, "vcpus_used": 8}, {}], [-8, 64], [0, 1]),
        ("DiskWeigher", [{"disk_gb_used": 75}, {}], [25600, 102400], [0.25, 1]),
        ("IoOpsWeigher", [{"num_io_ops": 2}, {"num_io_ops": 4}], [2, 4], [0.5, 1]),
        ("NumInstancesWeigher", [{"num_instances": 2}, {"num_instances": 4}], [2, 4], [0, 1]),
        ("BuildFailureWeigher", [{"failed_builds": 2}, {"failed_builds": 4}], [2, 4], [0, 1]),
    ],
)
def test_raw_values_and_what_they_are_normalised_by(
    conf: cfg.ConfigOpts,
    name: str,
    facts: list[dict[str, int]],
    raw: list[float],
    normalised: list[float],
) -> None:
    conf.set_override("num_instances_weight_multiplier", 1.0, "filter_scheduler")

    found = breakdown(conf, name, table(*facts))

    assert found is not None
    assert (found.raw.tolist(), found.normalised.tolist()) == (raw, normalised)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("RAMWeigher", 1.0),
        ("CPUWeigher", 1.0),
        ("DiskWeigher", 1.0),
        ("IoOpsWeigher", -1.0),
        ("NumInstancesWeigher", 0.0),
        ("ServerGroupSoftAffinityWeigher", 1.0),
        ("ServerGroupSoftAntiAffinityWeigher", 1.0),
        ("BuildFailureWeigher", -1000000.0),
        ("HypervisorVersionWeigher", 1.0),
    ],
)
def test_multipliers_are_novas_unless_set(conf: cfg.ConfigOpts, name: str, default: float) -> None:
    ((_name, weigher),) = plugins.load("weighers", [name], conf)

    assert weigher.multipliers(table({}, {})) == default


@pytest.mark.parametrize(
    ("name", "key", "sign"),
    [
        ("RAMWeigher", "ram_weight_multiplier", 1),
        ("CPUWeigher", "cpu_weight_multiplier", 1),
        ("DiskWeigher", "disk_weight_multiplier", 1),
        ("IoOpsWeigher", "io_ops_weight_multiplier", 1),
        ("NumInstancesWeigher", "num_instances_weight_multiplier", 1),
        ("ServerGroupSoftAffinityWeigher", "soft_affinity_weight_multiplier", 1),
        ("ServerGroupSoftAntiAffinityWeigher", "soft_anti_affinity_weight_multiplier", 1),
        ("BuildFailureWeigher", "build_failure_weight_multiplier", -1),
        ("HypervisorVersionWeigher", "hypervisor_version_weight_multiplier", 1),
    ],
)
def test_the_smallest_number_of_a_hosts_aggregates_is_its_multiplier(
    conf: cfg.ConfigOpts, name: str, key: str, sign: int
) -> None:
    hosts = table(
        {},
        {},
        {},
        {},
        aggregates={
            "h1": [{key: "2.5"}, {key: "-1.5"}],
            "h2": [{key: "much"}],
            "h3": [{key: "nan"}, {key: "7"}, {"other": "1"}],
            "h4": [{key: " 7 "}, {"other": "1"}],
        },
    )
    ((_name, weigher),) = plugins.load("weighers", [name], conf)
    option = conf.filter_scheduler[key]

    found = weigher.multipliers(hosts)

    assert found.tolist() == [sign * -1.5, sign * option, sign * option, sign * 7]


def test_a_multiplier_of_an_aggregate_counts_for_its_hosts_only(conf: cfg.ConfigOpts) -> None:
    hosts = table(
        {"memory_mb_used": 4096},
        {},
        {"memory_mb_used": 4096},
        {},
        aggregates={name: [{"ram_weight_multiplier": "-1.0"}] for name in ("h1", "h2")},
    )

    found = breakdown(conf, "RAMWeigher", hosts)

    assert found is not None
    assert found.weighted.tolist() == [-0.5, -1.0, 0.5, 1.0]


def test_a_weigher_that_counts_for_no_host_is_not_in_the_breakdown(conf: cfg.ConfigOpts) -> None:
    assert breakdown(conf, "NumInstancesWeigher", table({}, {})) is None
    assert breakdown(conf, "RAMWeigher", table({})) is None  # nothing to choose from


def test_soft_policies_count_the_other_members_on_each_host(conf: cfg.ConfigOpts) -> None:
    hosts, others = table({}, {}, {}), ["h1", "h2", "h2"]
    found = {
        policy: breakdown(conf, name, hosts, group_policies=[policy], group_hosts=others)
        for name, policy in (
            ("ServerGroupSoftAffinityWeigher", "soft-affinity"),
            ("ServerGroupSoftAntiAffinityWeigher", "soft-anti-affinity"),
        )
    }

    raw = {policy: one.raw.tolist() for policy, one in found.items() if one is not None}
    assert raw == {"soft-affinity": [1, 2, 0], "soft-anti-affinity": [-1, -2, 0]}


def test_a_newer_hypervisor_is_preferred_and_an_unknown_one_is_the_oldest(
    conf: cfg.ConfigOpts,
) -> None:
    versions = {"h1": 1000, "h2": 3000, "h3": None}
    kinds = {name: {"hypervisor_version": version} for name, version in versions.items()}

    found = breakdown(conf, "HypervisorVersionWeigher", table({}, {}, {}, {}, kinds=kinds))

    assert found is not None
    assert found.raw.tolist() == [1000, 3000, 0, 0]
    assert found.weighted.tolist() == [1000 / 3000, 1.0, 0.0, 0.0]
