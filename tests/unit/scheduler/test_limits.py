"""What a claim may fill a host to, by the filters that are on."""

from typing import Any

import pytest
from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.db.hosts import NO_LIMITS, Limits
from minicloud.scheduler import plugins
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.limits import limits_of
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
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    filters = plugins.load("filters", names, conf)

    assert limits_of(_hosts(), request(), filters, 0) == limits


def test_a_filter_that_cannot_say_its_limits_sets_none() -> None:
    class Broken:
        def limits(self, *_: Any) -> dict[str, int]:
            raise ZeroDivisionError

    broken: Any = Broken()

    assert limits_of(_hosts(), request(), [("Broken", broken)], 0) == NO_LIMITS
