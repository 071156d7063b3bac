"""Why hosts were refused and others preferred: the explanation against a plain reading."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.columns import NUMBERS
from minicloud.scheduler.explanation import Accepted, Explanation, Refused, Score
from minicloud.scheduler.hosts import HostFacts, HostTable, Mask
from minicloud.scheduler.reasons import MOST_BYTES, explain
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules
from tests.options import defaults
from tests.unit.scheduler.choices import choose
from tests.unit.scheduler.hosts import request, table

# A host as plain facts; of each host a test makes one or more of them wrong.
_GOOD: Mapping[str, Any] = {
    "tried": False,
    "zone": "zone1",
    "up": True,
    "enabled": True,
    "free_ram_mb": 4096,
    "free_vcpus": 8,
    "free_disk_gb": 40,
    "arch": "x86_64",
    "members": 0,
    "ssd": "true",
    "tenant": "p1",
    "os": "linux",
    "flavor": "m1",
    "io_ops": 1,
    "instances": 3,
    "cpu": "fast",
}
_WRONG: Mapping[str, Mapping[str, Any]] = {
    "RetryFilter": {"tried": True},
    "AvailabilityZoneFilter": {"zone": "zone2"},
    "ComputeFilter": {"up": False},
    "RamFilter": {"free_ram_mb": 2047},
    "CoreFilter": {"free_vcpus": 3},
    "DiskFilter": {"free_disk_gb": 19},
    "ComputeCapabilitiesFilter": {"cpu": "slow"},
    "ImagePropertiesFilter": {"arch": "aarch64"},
    "ServerGroupAntiAffinityFilter": {"members": 1},
    "AggregateInstanceExtraSpecsFilter": {"ssd": "false"},
    "AggregateMultiTenancyIsolation": {"tenant": "p2"},
    "AggregateImagePropertiesIsolation": {"os": "windows"},
    "AggregateTypeAffinityFilter": {"flavor": "m2"},
    "IoOpsFilter": {"io_ops": 8},
    "NumInstancesFilter": {"instances": 50},
}
# The same rules once more, in words of plain Python; in the order of the filters.
_RIGHT: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "RetryFilter": lambda host: not host["tried"],
    "AvailabilityZoneFilter": lambda host: bool(host["zone"] == "zone1"),
    "ComputeFilter": lambda host: host["up"] and host["enabled"],
    "RamFilter": lambda host: bool(host["free_ram_mb"] >= 2048),
    "CoreFilter": lambda host: bool(host["free_vcpus"] >= 4),
    "DiskFilter": lambda host: bool(host["free_disk_gb"] >= 20),
    "ComputeCapabilitiesFilter": lambda host: bool(host["cpu"] == "fast"),
    "ImagePropertiesFilter": lambda host: bool(host["arch"] == "x86_64"),
    "ServerGroupAntiAffinityFilter": lambda host: bool(host["members"] < 1),
    "AggregateInstanceExtraSpecsFilter": lambda host: bool(host["ssd"] == "true"),
    "AggregateMultiTenancyIsolation": lambda host: bool(host["tenant"] == "p1"),
    "AggregateImagePropertiesIsolation": lambda host: bool(host["os"] == "linux"),
    "AggregateTypeAffinityFilter": lambda host: bool(host["flavor"] == "m1"),
    "IoOpsFilter": lambda host: bool(host["io_ops"] < 8),
    "NumInstancesFilter": lambda host: bool(host["instances"] < 50),
}
_WEIGHERS = ["RAMWeigher", "CPUWeigher", "IoOpsWeigher"]


@pytest.fixture(scope="module")
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.fixture(scope="module")
def rules(conf: cfg.ConfigOpts) -> Rules:
    return Rules(
        plugins.load("filters", list(_RIGHT), conf), plugins.load("weighers", _WEIGHERS, conf)
    )


def _table(fleet: Mapping[str, Mapping[str, Any]]) -> HostTable:
    def books(host: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "memory_mb_limit": host["free_ram_mb"],
            "vcpus_limit": host["free_vcpus"],
            "disk_gb_limit": host["free_disk_gb"],
            "num_io_ops": host["io_ops"],
            "num_instances": host["instances"],
        }

    def kind(host: Mapping[str, Any]) -> dict[str, Any]:
        runs = [[host["arch"], "qemu", "hvm"]]
        return {"hypervisor_type": "qemu", "cpu_info": {"cpu": host["cpu"]}} | {
            "supported_instances": runs
        }

    def aggregates(host: Mapping[str, Any]) -> list[dict[str, str]]:
        about = {"filter_tenant_id": host["tenant"], "instance_type": host["flavor"]}
        return [
            {"availability_zone": host["zone"]},
            {"ssd": host["ssd"], "os": host["os"], **about},
        ]

    return table(
        *(books(host) for host in fleet.values()),
        up={name for name, host in fleet.items() if host["up"]},
        disabled=tuple(name for name, host in fleet.items() if not host["enabled"]),
        aggregates={name: aggregates(host) for name, host in fleet.items()},
        kinds={name: kind(host) for name, host in fleet.items()},
    )


def _wish(fleet: Mapping[str, Mapping[str, Any]]) -> Request:
    properties = {
        "retry": {"num_attempts": 1, "hosts": [[h, "n"] for h, f in fleet.items() if f["tried"]]},
        "group_policies": ["anti-affinity"],
        "group_hosts": [name for name, host in fleet.items() for _ in range(host["members"])],
    }
    specs = {
        "aggregate_instance_extra_specs:ssd": "true",
        "capabilities:cpu_info:cpu": "fast",
    }
    spec = {
        "instance_type": {
            "name": "m1",
            "vcpus": 4,
            "memory_mb": 2048,
            "root_gb": 20,
            "ephemeral_gb": 0,
            "swap_mb": 0,
            "extra_specs": specs,
        },
        "instance_properties": {"availability_zone": "zone1", "project_id": "p1"},
        "image": {"properties": {"hw_architecture": "x86_64", "os": "linux"}},
    }
    return Request.of("u1", spec, properties)


def _first_reason(host: Mapping[str, Any]) -> str | None:
    return next((name for name, right in _RIGHT.items() if not right(host)), None)


def _hundred(chance: random.Random, good: int = 4) -> dict[str, dict[str, Any]]:
    """Each filter is the first to refuse some; what later filters would refuse is mixed in."""
    names, fleet = list(_WRONG), {}
    for number in range(100 - good):
        first = number % len(names)
        host = dict(_GOOD)
        for name in {names[first], *chance.choices(names[first:], k=chance.randrange(3))}:
            host |= _WRONG[name]
        fleet[f"h{number + 1}"] = host
    for number in range(100 - good, 100):
        facts = {"free_ram_mb": 2048 * chance.randint(1, 9), "io_ops": chance.randrange(8)}
        fleet[f"h{number + 1}"] = {**_GOOD, **facts}
    return fleet


@pytest.mark.parametrize("seed", range(10))
def test_of_a_hundred_hosts_each_has_the_reason_that_a_plain_reading_finds(
    rules: Rules, seed: int
) -> None:
    fleet = _hundred(random.Random(seed))
    expected = {name: reason for name, host in fleet.items() if (reason := _first_reason(host))}

    said = explain(_table(fleet), _wish(fleet), rules)

    assert {one.host: one.reason for one in said.refused} == expected
    assert said.counts == Counter(expected.values())
    assert set(said.counts) == set(_RIGHT)  # none of the fifteen is left out
    assert sum(said.counts.values()) + said.accepted == said.hosts == 100
    assert {one.host for one in said.best} == fleet.keys() - expected.keys()


def test_the_numbers_of_a_refused_host_are_those_of_its_books(rules: Rules) -> None:
    fleet = {"h1": {**_GOOD, "free_ram_mb": 512}, "h2": {**_GOOD, "zone": "zone2"}}

    said = explain(_table(fleet), _wish(fleet), rules)

    assert said.refused == [
        Refused("h2", "n-h2", "AvailabilityZoneFilter", "zone1", "zone2"),
        Refused("h1", "n-h1", "RamFilter", "2048 MB", "512 MB"),
    ]


def test_a_host_that_is_left_has_each_weighers_values_and_the_best_is_first(rules: Rules) -> None:
    free = {"h1": (2048, 0), "h2": (6144, 4), "h3": (4096, 0)}
    fleet = {h: {**_GOOD, "free_ram_mb": mb, "io_ops": busy} for h, (mb, busy) in free.items()}

    said = explain(_table(fleet), _wish(fleet), rules)

    assert [one.host for one in said.best] == ["h3", "h1", "h2"]
    # The share of the most RAM, and 1 for processors that are equal and weighed from 0 on.
    totals = [4096 / 6144 + 1, 2048 / 6144 + 1, 1 + 1 - 1]
    assert [one.total for one in said.best] == pytest.approx(totals, abs=1e-5)
    for one in said.best:
        assert one.total == pytest.approx(sum(score.weighted for score in one.scores), abs=1e-5)
    of_h2 = {score.weigher: score for one in said.best if one.host == "h2" for score in one.scores}
    assert of_h2["RAMWeigher"] == Score("RAMWeigher", 6144.0, 1.0, 1.0, 1.0)
    assert of_h2["IoOpsWeigher"] == Score("IoOpsWeigher", 4.0, 1.0, -1.0, -1.0)
    assert [one.total for one in said.best] == sorted((b.total for b in said.best), reverse=True)


_facts = st.fixed_dictionaries(
    {},
    optional={key: st.just(value) for wrong in _WRONG.values() for key, value in wrong.items()},
)


@given(
    st.lists(_facts, max_size=8),
    st.fixed_dictionaries(
        {},
        optional={
            "ignore_hosts": st.lists(st.sampled_from(["h1", "h2"]), max_size=2),
            "force_hosts": st.lists(st.sampled_from(["h1", "h3", "x"]), max_size=1),
            "requested_destination": st.just({"host": "h2", "node": None}),
        },
    ),
)
def test_whoever_explains_agrees_with_whoever_chooses(
    rules: Rules, wrong: list[dict[str, Any]], named: dict[str, Any]
) -> None:
    fleet = {f"h{place + 1}": {**_GOOD, **facts} for place, facts in enumerate(wrong)}
    hosts, wish = _table(fleet), _wish(fleet)
    wish = Request.of("u1", wish.request_spec, {**wish.filter_properties, **named})

    chosen = choose(hosts, wish, rules, random.Random(1))
    said = explain(hosts, wish, rules)

    if isinstance(chosen, Refusal):
        assert (said.hosts, said.counts, said.accepted) == (chosen.hosts, chosen.counts, 0)
    else:
        best = [one.host for one in said.best if one.total > said.best[0].total - 1e-5]
        assert hosts.names[chosen] in best
    assert sum(said.counts.values()) + said.accepted == len(hosts)


class Raising:
    """A plug-in with a bug."""

    multiplier, minimum, maximum = 1.0, None, None

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        raise KeyError("bug")

    def measured(self, hosts: HostTable, request: Request, place: int) -> Any:
        raise KeyError("bug")


class Unable(Raising):
    """It refuses, and cannot say why."""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        return np.zeros(len(hosts), np.bool_)


@pytest.mark.parametrize(
    ("filter_", "reason"), [(Raising(), "Bad (filter error)"), (Unable(), "Bad")]
)
def test_a_filter_that_fails_is_a_reason_as_well(filter_: Any, reason: str) -> None:
    said = explain(table({}, {}), request(), Rules([("Bad", filter_)], []))

    assert said.counts == {reason: 2}
    assert {one.available for one in said.refused} == {"an error, which is in the scheduler's log"}


def test_a_forced_host_without_room_is_refused_by_the_claim(rules: Rules) -> None:
    hosts = table({}, {"memory_mb_limit": 1024, "memory_mb_used": 768})

    said = explain(hosts, request(force_hosts=["h2"]), rules, full=True)
    wanted = "1 VCPUs, 512 MB, 1 GB, 1 instances"

    assert (said.accepted, said.counts) == (0, {"force_hosts": 1, "claim": 1})
    assert said.refused == [
        Refused("h1", "n-h1", "force_hosts", "h2", "another"),
        Refused("h2", "n-h2", "claim", wanted, "64 VCPUs, 256 MB, 100 GB, 50 instances"),
    ]


def test_a_forced_host_is_full_by_what_filters_allow_as_well(conf: cfg.ConfigOpts) -> None:
    hosts = table({"num_instances": 50})
    rules = Rules(plugins.load("filters", ["NumInstancesFilter"], conf), [])

    said = explain(hosts, request(force_hosts=["h1"]), rules, full=True)

    (one,) = said.refused
    assert one.wanted == "1 VCPUs, 512 MB, 1 GB, 1 instances"
    assert one.available == "64 VCPUs, 8192 MB, 100 GB, 0 instances"


def test_a_forced_host_with_room_is_refused_by_its_group(rules: Rules) -> None:
    group: Any = {"group_policies": ["anti-affinity"], "group_hosts": ["h1"]}

    said = explain(table({}), request(force_hosts=["h1"], **group), rules, full=True)

    (one,) = said.refused
    assert (one.reason, one.available) == ("claim", "1 of its group are there")


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.integers(0, 90))
def test_what_is_told_is_dealt_out_fairly(sizes: list[int], most: int) -> None:
    fleet: dict[str, dict[str, Any]] = {}
    for wrong, size in zip(_WRONG.values(), sizes, strict=False):
        for _ in range(size):
            fleet[f"h{len(fleet) + 1}"] = {**_GOOD, **wrong}
    conf = defaults()
    rules = Rules(plugins.load("filters", list(_RIGHT), conf), [])

    said = explain(_table(fleet), _wish(fleet), rules, most)

    told = Counter(one.reason for one in said.refused)
    assert sum(told.values()) == min(most, sum(sizes))
    short = [told[name] for name in said.counts if told[name] < said.counts[name]]
    assert max(told.values(), default=0) - min(short, default=300) <= 1  # a fair part
    assert said.counts == {n: s for n, s in zip(_WRONG, sizes, strict=False) if s}


def test_what_is_told_of_ten_thousand_hosts_is_small(rules: Rules) -> None:
    empty = dict.fromkeys(NUMBERS, 0)
    hosts, query = HostTable(), "\u20ac" * 1000
    hosts.update(
        HostFacts(f"{number}".rjust(250, "h"), "\u20ac" * 250, "agent", empty)
        for number in range(10_000)
    )
    hosts.set_alive(hosts.names, ())

    said = explain(hosts, request(zone=query), rules, most_bytes=MOST_BYTES)

    assert said.counts == {"AvailabilityZoneFilter": 10_000}
    assert 10 < len(said.refused) < 100  # the longest names; of usual ones a hundred
    assert len(json.dumps(said.to_dict())) < MOST_BYTES < 64 * 1024


def test_an_explanation_comes_through_a_message_as_it_was(rules: Rules) -> None:
    fleet = _hundred(random.Random(7))
    said = explain(_table(fleet), _wish(fleet), rules)

    again = Explanation.from_dict(orjson.loads(orjson.dumps(said.to_dict())))

    assert again == said
    assert [type(one) for one in again.best[:1]] == [Accepted]
