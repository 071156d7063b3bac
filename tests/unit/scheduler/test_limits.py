"""What a claim may fill a host to, by the filters that are on."""

from typing import Any

import pytest

from minicloud.db.hosts import NO_LIMITS, Limits
from minicloud.scheduler import plugins
from minicloud.scheduler.fits import fits
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.limits import limits_of
from minicloud.scheduler.select import Rules
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table


def _hosts() -> HostTable:
    return table(
        {"memory_mb": 1000, "memory_mb_limit": 900, "reserved_memory_mb": 100},
        aggregates={"h1": [{"ram_allocation_ratio": "2", "max_instances_per_host": "3"}]},
    )


@pytest.mark.parametrize(
    ("names", "limits"),
    [
        ([], NO_LIMITS),
        (["RamFilter", "CoreFilter", "DiskFilter", "ComputeFilter"], NO_LIMITS),
        (["AggregateRamFilter"], Limits(memory_mb=1900)),
        (["RamFilter", "AggregateRamFilter"], NO_LIMITS),
        (["AggregateCoreFilter", "AggregateDiskFilter"], NO_LIMITS),
        (["NumInstancesFilter"], Limits(num_instances=50)),
        (["AggregateNumInstancesFilter", "NumInstancesFilter"], Limits(num_instances=3)),
        (["AggregateNumInstancesFilter", "AggregateRamFilter"], Limits(None, 1900, None, 3)),
    ],
)
def test_the_smallest_limit_of_each_kind_holds_unless_it_is_the_hosts_own(
    names: list[str], limits: Limits
) -> None:
    conf = defaults()
    filters = plugins.load("filters", names, conf)

    assert Limits(**limits_of(_hosts(), request(), filters, 0)) == limits


def test_a_filter_that_cannot_say_its_limits_sets_none() -> None:
    class Broken:
        def limits(self, *_: Any) -> dict[str, Any]:
            raise ZeroDivisionError

    broken: Any = Broken()

    assert limits_of(_hosts(), request(), [("Broken", broken)], 0) == {}


@pytest.mark.parametrize(
    ("names", "properties", "count"),
    [
        (["RamFilter"], {}, 6),
        (["AggregateRamFilter"], {}, 4 + 3),
        (["NumInstancesFilter"], {"force_hosts": ["h1"]}, 3),
        (["GroupAntiAffinityFilter"], {"named_group_hosts": []}, 2),
        (["GroupAntiAffinityFilter"], {"named_group_hosts": ["h2"]}, 1),
        (["GroupAffinityFilter"], {"named_group_hosts": []}, 3),
        (["GroupAffinityFilter"], {"named_group_hosts": ["h1"]}, 3),
        (["DifferentHostFilter"], {"different_hosts": ["h1"]}, 3),
    ],
)
def test_as_many_more_fit_as_filters_and_their_limits_let(
    names: list[str], properties: dict[str, Any], count: int
) -> None:
    conf = defaults()
    rules = Rules(plugins.load("filters", names, conf), [])
    host = {"memory_mb": 300, "memory_mb_limit": 300}
    hosts = table(host, host, aggregates={"h1": [{"ram_allocation_ratio": "1.5"}]})

    found = fits(hosts, request(ram_mb=100, **properties), rules)

    assert (found.count, found.exact) == (count, True)
