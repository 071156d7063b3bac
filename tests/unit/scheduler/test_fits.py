"""How many more fit is what a stream of requests, one after the other, comes to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from oslo_config import cfg

from minicloud.scheduler import plugins
from minicloud.scheduler.fits import fits
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.limits import room
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules
from tests.options import defaults
from tests.unit.scheduler.choices import choose
from tests.unit.scheduler.hosts import request, table

_CASES = 400
_ALWAYS = ("ComputeFilter", "RamFilter", "CoreFilter", "DiskFilter")
_SOME = (
    *("AvailabilityZoneFilter", "AggregateRamFilter", "AggregateCoreFilter", "IoOpsFilter"),
    *("AggregateNumInstancesFilter", "NumInstancesFilter", "JsonFilter", "MetricsFilter"),
    *("AggregateInstanceExtraSpecsFilter", "AggregateMultiTenancyIsolation"),
    *("ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter", "RetryFilter"),
    *("GroupAffinityFilter", "DifferentHostFilter", "SameHostFilter", "IsolatedHostsFilter"),
)
_QUERIES = (
    '[">=","$free_ram_mb",2000]',
    '["<","$num_instances",3]',
    '["or",[">","$vcpus_used",2],["=","$host","h1"]]',
    '["not",["=","$host","h2"]]',
    '["!!"]',
)


@pytest.fixture(scope="module")
def conf() -> cfg.ConfigOpts:
    made = defaults()
    made.set_override("isolated_hosts", ["h3"], "filter_scheduler")
    made.set_override("max_instances_per_host", 7, "filter_scheduler")
    return made


def _rules(conf: cfg.ConfigOpts, dice: Random) -> Rules:
    some = [name for name in _SOME if dice.random() < 0.35]
    names = [*_ALWAYS, *some]
    dice.shuffle(names)
    weighers = ["RAMWeigher", "CPUWeigher", "IoOpsWeigher", "ServerGroupSoftAntiAffinityWeigher"]
    return Rules(
        plugins.load("filters", names, conf),
        plugins.load("weighers", dice.sample(weighers, 2), conf),
        subset_size=dice.choice([1, 1, 3]),
        shuffle_best=dice.random() < 0.7,
    )


def _table(dice: Random) -> HostTable:
    hosts = [
        {
            "vcpus_limit": dice.choice([4, 8, 64]),
            "vcpus_used": dice.randrange(4),
            "memory_mb_used": dice.choice([0, 0, 1024, 5000, 8192]),
            "disk_gb_used": dice.choice([0, 50, 95]),
            "num_instances": dice.randrange(4),
            "num_io_ops": dice.randrange(10),
        }
        for _ in range(dice.randrange(1, 7))
    ]
    names = [f"h{n + 1}" for n in range(len(hosts))]
    keys = ("max_instances_per_host", "ram_allocation_ratio", "cpu_allocation_ratio", "ssd")
    aggregates = {
        name: [{dice.choice(keys): dice.choice(["5", "9", "true"])}]
        for name in names
        if dice.random() < 0.4
    }
    down = {name for name in names if dice.random() < 0.1}
    return table(*hosts, up=set(names) - down, aggregates=aggregates)


def _request(dice: Random, hosts: HostTable) -> Request:
    properties: dict[str, Any] = {"scheduler_hints": {}}
    some = [name for name in hosts.names if dice.random() < 0.3]
    if dice.random() < 0.5:
        policy = dice.choice(["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"])
        members = some * dice.choice([0, 1, 1])
        properties |= {"group": "g", "group_policies": [policy], "group_hosts": members}
        properties["group_rules"] = {"max_server_per_host": dice.choice([1, 2, 7])}
    elif dice.random() < 0.3:
        properties["named_group_hosts"] = some
    if dice.random() < 0.4:
        properties["scheduler_hints"]["query"] = dice.choice(_QUERIES)
    if dice.random() < 0.2:
        properties["ignore_hosts"] = some
    if dice.random() < 0.1:
        properties["force_hosts"] = some[:1] or ["h1"]
    ram_mb, vcpus = dice.choice([300, 512, 1500, 4000]), dice.choice([1, 1, 2])
    return request(vcpus, ram_mb, dice.choice([1, 4, 20]), swap_mb=512, **properties)


def _claimed(hosts: HostTable, one: Request, rules: Rules, dice: Random) -> int | None:
    """The best host on which the claim finds room and the policy of the group is kept."""
    members = one.group_hosts
    ignored = list(one.ignore_hosts)
    while True:
        told = {**one.filter_properties, "ignore_hosts": ignored}
        place = choose(hosts, replace(one, filter_properties=told), rules, dice)
        if isinstance(place, Refusal):
            return None
        host = hosts.names[place]
        apart = members.count(host) < one.max_server_per_host
        together = not members or host in members
        kept = {"anti-affinity": apart, "affinity": together}.get(one.group_policy or "", True)
        if room(hosts, one, rules.filters)[place] and kept:
            return place
        ignored.append(host)


def _stream(hosts: HostTable, one: Request, rules: Rules, dice: Random) -> Iterator[str]:
    """The hosts of one request after the other, each built before the next one comes."""
    while True:
        place = _claimed(hosts, one, rules, dice)
        if place is None:
            return
        hosts.take(place, one)
        hosts._columns["num_io_ops"][place] -= 1
        yield hosts.names[place]
        told = dict(one.filter_properties)
        for key in {"group_hosts", "named_group_hosts"} & told.keys():
            told[key] = [*told[key], hosts.names[place]]
        one = replace(one, filter_properties=told)


@pytest.mark.parametrize("seed", range(_CASES))
def test_as_many_fit_as_a_stream_of_requests_gets_hosts_for(
    seed: int, conf: cfg.ConfigOpts
) -> None:
    dice = Random(seed)
    rules, hosts = _rules(conf, dice), _table(dice)
    one = _request(dice, hosts)

    told = fits(hosts.copy(), one, rules)
    streams = [Counter(_stream(hosts.copy(), one, rules, Random(n))) for n in range(8)]

    assert told.exact
    if told.most is None:
        assert {stream.total() for stream in streams} == {told.count}
    else:
        assert all(told.count <= stream.total() <= told.most for stream in streams)
    if told.most is None and len({tuple(sorted(s.items())) for s in streams}) == 1:
        assert dict(told.hosts) == streams[0]


def test_the_cases_are_of_every_kind(conf: cfg.ConfigOpts) -> None:
    found = []
    for seed in range(_CASES):
        dice = Random(seed)
        rules, hosts = _rules(conf, dice), _table(dice)
        found.append(fits(hosts.copy(), _request(dice, hosts), rules))

    assert sum(one.count == 0 for one in found) > 20
    assert sum(one.count > 5 for one in found) > 50
    assert any(one.most is not None for one in found)


def test_a_count_that_would_take_long_is_a_lower_bound(
    conf: cfg.ConfigOpts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minicloud.scheduler.fits._MOST_CELLS", 6)
    rules = Rules(plugins.load("filters", _ALWAYS, conf), [])

    told = fits(table({}, {}), request(), rules)

    assert (told.count, told.exact) == (6, False)


class _FailsForSome:
    """A weigher that has a number for the first host only."""

    minimum, maximum = None, None

    def multipliers(self, hosts: HostTable) -> Any:
        return 1.0

    def weigh(self, hosts: HostTable, one: Request) -> Any:
        return np.where(hosts.mask_of(["h1"]), 1.0, np.nan)


@pytest.mark.parametrize(("hosts", "fitting"), [(1, 16), (2, 32), (3, 16)])
def test_a_host_that_cannot_be_weighed_is_taken_as_the_last_one_only(
    conf: cfg.ConfigOpts, hosts: int, fitting: int
) -> None:
    found = plugins.load("filters", _ALWAYS, conf)
    rules = Rules(found, [("FailsForSome", _FailsForSome())])  # type: ignore[list-item]
    clouds = table(*[{"memory_mb_limit": 8192} for _ in range(hosts)])

    told = fits(clouds.copy(), request(), rules)

    assert told.count == fitting
    assert sum(1 for _ in _stream(clouds.copy(), request(), rules, Random(1))) == fitting
