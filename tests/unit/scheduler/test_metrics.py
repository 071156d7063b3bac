"""MetricsWeigher and MetricsFilter: what hosts measure of themselves."""

from collections.abc import Sequence

import numpy as np
import pytest

from minicloud.scheduler import plugins
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.select import Rules, weighed
from tests.options import defaults
from tests.unit.scheduler.choices import choose, weights
from tests.unit.scheduler.hosts import request, table
from tests.unit.scheduler.test_select import dice

_BUSY = {
    "h1": {"cpu.percent": 0.9, "cpu.frequency": 2000.0},
    "h2": {"cpu.percent": 0.1, "cpu.frequency": 1000.0},
    "h3": {"cpu.percent": 0.5},
}


def rules(
    setting: Sequence[str], aggregate_filter: bool = False, **options: float | bool
) -> Rules:
    conf = defaults()
    conf.set_override("weight_setting", list(setting), "metrics")
    for name, value in options.items():
        conf.set_override(name, value, "metrics")
    names = ["MetricsFilter"] if aggregate_filter else []
    return Rules(
        plugins.load("filters", names, conf), plugins.load("weighers", ["MetricsWeigher"], conf)
    )


def hosts(**more: Sequence[dict[str, str]]) -> HostTable:
    return table({}, {}, {}, metrics=_BUSY, aggregates=more)


def test_the_value_is_the_sum_of_metrics_and_ratios() -> None:
    (found,) = weighed(
        hosts(), request(), rules(["cpu.percent=-1000", "cpu.frequency=0.1"]), np.arange(2)
    )

    assert found.raw.tolist() == [-900 + 200, -100 + 100]
    assert found.weighted.tolist() == [0.0, 1.0]


def test_without_a_setting_no_metric_is_looked_at() -> None:
    assert weighed(hosts(), request(), rules([]), np.arange(3)) == []


def test_a_host_without_a_required_metric_is_refused_and_the_others_are_weighed() -> None:
    by_frequency = rules(["cpu.frequency=-1.0"])

    assert choose(hosts(), request(), by_frequency, dice()) == 1
    found = choose(table({}, {}), request(), by_frequency, dice())
    assert isinstance(found, Refusal)
    assert found.counts == {"MetricsWeigher (weigher error)": 2}


def test_a_host_without_a_metric_that_is_not_required_comes_last() -> None:
    (found,) = weighed(
        hosts(), request(), rules(["cpu.frequency=1.0"], required=False), np.arange(3)
    )

    assert found.raw.tolist() == [2000.0, 1000.0, -10000.0]
    assert found.weighted.tolist() == [1.0, 11 / 12, 0.0]


def test_a_metric_that_counts_nothing_may_be_missing() -> None:
    setting = ["cpu.frequency=0", "cpu.percent=1"]

    found = weights(hosts(), request(), rules(setting, required=False), np.arange(3))

    assert found.tolist() == [1.0, 0.0, 0.5]


def test_a_host_whose_aggregate_counts_no_metrics_may_lack_them() -> None:
    fleet = hosts(h3=[{"metrics_weight_multiplier": "0"}])

    (found,) = weighed(
        fleet, request(), rules(["cpu.frequency=1.0"], required=False), np.arange(3)
    )

    assert found.raw.tolist() == [2000.0, 1000.0, 0.0]
    assert found.weighted.tolist() == [1.0, 0.5, 0.0]


def test_the_filter_passes_hosts_that_tell_every_metric_of_the_setting() -> None:
    ((_name, filter_),) = rules(["cpu.frequency=1", "cpu.percent=1"], True).filters
    fleet = hosts()

    assert filter_.passes(fleet, request()).tolist() == [True, True, False]
    assert filter_.measured(fleet, request(), 2) == (
        "cpu.frequency, cpu.percent",
        "cpu.percent",
    )
    ((_name, nothing_asked),) = rules([], True).filters
    assert nothing_asked.passes(fleet, request()).all()


def test_metrics_change_and_vanish_with_what_the_host_tells() -> None:
    fleet = hosts()
    numbers = dict.fromkeys(fleet._columns, 0)

    fleet.update([HostFacts("h1", "n", "a", numbers, metrics={"new": 1.0})])
    fleet.update([HostFacts("h4", "n", "a", numbers, metrics={"cpu.percent": 0.2})])

    assert np.isnan(fleet.metrics.column("cpu.percent")).tolist() == [True, False, False, False]
    assert fleet.metrics.column("cpu.percent")[1:].tolist() == [0.1, 0.5, 0.2]
    assert np.isnan(fleet.metrics.column("new")).tolist() == [False, True, True, True]


@pytest.mark.parametrize("text", ["cpu.percent", "=1", "cpu.percent=much", "cpu.percent=nan"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not of the form name=number"):
        rules([text])
