"""By classes of hosts, hints and ratios of aggregates choose as they do host by host."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.request import Request
from minicloud.scheduler.rules import of
from minicloud.scheduler.select import Rules, finalists
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table
from tests.unit.scheduler.test_chooser import chances

_FILTERS = (
    *("ComputeFilter", "AggregateRamFilter", "AggregateCoreFilter", "AggregateDiskFilter"),
    *("AggregateNumInstancesFilter", "SameHostFilter", "DifferentHostFilter", "JsonFilter"),
    *("SimpleCIDRAffinityFilter", "IsolatedHostsFilter"),
)
_NAMES = [f"h{number}" for number in range(1, 101)]


def _rules(*more: str) -> Rules:
    conf = defaults()
    for option, value in (
        ("enabled_filters", [*_FILTERS, *more]),
        ("isolated_hosts", ["h7", "h8", "gone"]),
        ("isolated_images", ["isolated"]),
    ):
        conf.set_override(option, value, "filter_scheduler")
    return of(conf)


def _wish(dice: Random) -> Request:
    some, hints = dice.sample(_NAMES, 3), dict[str, Any]()
    properties: dict[str, Any] = {"scheduler_hints": hints}
    for hint, key in (("same_host", "same_hosts"), ("different_host", "different_hosts")):
        if dice.random() < 0.2:
            hints[hint] = ["a server"]
            properties[key] = dice.choice([some, some[:1], ["gone"], []])
    if dice.random() < 0.3:
        properties["named_group_hosts"] = dice.choice([some, []])
    if dice.random() < 0.4:
        hints["query"] = dice.choice(
            [
                f'["in", "$host", "{some[0]}", "{some[1]}", "gone"]',
                f'["not", ["=", "{some[0]}", "$host"]]',
                '["=", "$nodename", "n-h5"]',
                '["<", "$host", "$nodename"]',
                '["or", ["=", "$hypervisor_version", 2], [">", "$num_instances", 0]]',
            ]
        )
    if dice.random() < 0.1:
        hints["build_near_host_ip"] = "10.0.0.1"
    made = request(ram_mb=dice.choice([512, 4000]), vcpus=dice.choice([1, 5]), **properties)
    image = {"id": dice.choice(["isolated", "other"])}
    return Request.of("u1", {**made.request_spec, "image": image}, properties)


@pytest.mark.parametrize("group", ["GroupAffinityFilter", "GroupAntiAffinityFilter"])
@pytest.mark.parametrize("seed", range(6))
def test_hints_choose_the_same_hosts_by_the_same_chances(seed: int, group: str) -> None:
    dice = Random(seed)
    facts = [
        {"memory_mb_used": dice.choice([0, 4096]), "num_instances": dice.choice([0, 1])}
        for _ in _NAMES
    ]
    metas = [{"ram_allocation_ratio": "2"}, {"max_instances_per_host": "1"}, {}, {}]
    aggregates = {name: [dice.choice(metas)] for name in _NAMES}
    kinds = {name: {"hypervisor_version": dice.choice([1, 2])} for name in _NAMES}
    hosts = table(*facts, aggregates=aggregates, kinds=kinds)
    rules = _rules(group)
    chooser = Chooser(rules)
    for _ in range(25):
        one = _wish(dice)

        likely = chances(hosts, one, chooser)

        best = [hosts.names[place] for place in finalists(hosts, one, rules)] or ["refused"]
        assert likely == {name: Fraction(1, len(best)) for name in best}
