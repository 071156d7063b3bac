"""Filters and weighers in Nova's shape, found by module path and asked host by host."""

import logging
import random
from typing import Any

import numpy as np
import pytest
from oslo_config import cfg

from minicloud.errors import CannotStart
from minicloud.scheduler import plugins
from minicloud.scheduler.filters.ram import RamFilter
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.limits import limits_of, room
from minicloud.scheduler.reasons import explain
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, weighed
from tests.options import defaults
from tests.unit.scheduler import own_plugins
from tests.unit.scheduler.choices import choose
from tests.unit.scheduler.hosts import request, table

_OWN = "tests.unit.scheduler.own_plugins"
_FILTERS = "minicloud.scheduler.filters.all_filters"


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    return defaults()


def _own(conf: cfg.ConfigOpts, *names: str, kind: str = "filters") -> list[tuple[str, Any]]:
    return plugins.load(kind, [f"{_OWN}.{name}" for name in names], conf)


def _passed(conf: cfg.ConfigOpts, name: str, hosts: HostTable, wanted: Request) -> list[bool]:
    ((_name, filter_),) = _own(conf, name)
    mask: list[bool] = filter_.passes(hosts, wanted).tolist()
    return mask


def _busy(*counts: int) -> HostTable:
    return table(*({"num_instances": count} for count in counts))


def test_a_class_with_host_passes_is_a_filter_by_its_path(conf: cfg.ConfigOpts) -> None:
    found = _own(conf, "EvenFilter")

    assert [name for name, _filter in found] == ["EvenFilter"]
    assert _passed(conf, "EvenFilter", _busy(0, 1, 2), request()) == [True, False, True]


@pytest.mark.parametrize(
    "path", [f"{_OWN}.EvenFilter", f"{_OWN}.some_filters", _OWN, f"{_OWN}.OldFilter"]
)
def test_what_available_filters_leads_to_has_a_mere_name(conf: cfg.ConfigOpts, path: str) -> None:
    conf.set_override("available_filters", [_FILTERS, path], "filter_scheduler")
    name = path.rpartition(".")[2] if path.endswith("Filter") else "EvenFilter"

    found = plugins.load("filters", ["RamFilter", name], conf)

    assert [name for name, _filter in found] == ["RamFilter", name]


def test_without_the_name_for_all_only_those_of_the_paths_are_available(
    conf: cfg.ConfigOpts,
) -> None:
    conf.set_override("available_filters", [f"{_OWN}.some_filters"], "filter_scheduler")

    with pytest.raises(CannotStart, match="no RamFilter; known are EvenFilter, OldFilter"):
        plugins.load("filters", ["RamFilter"], conf)


def test_novas_name_for_all_filters_is_ours(conf: cfg.ConfigOpts) -> None:
    nova = "nova.scheduler.filters.all_filters"
    conf.set_override("available_filters", [nova], "filter_scheduler")

    ((_name, found),) = plugins.load("filters", ["RamFilter"], conf)

    assert isinstance(found, RamFilter)


def test_who_is_named_again_is_there_already(conf: cfg.ConfigOpts) -> None:
    names = ["RamFilter", "minicloud.scheduler.filters.ram.RamFilter", "RamFilter"]

    assert [name for name, _filter in plugins.load("filters", names, conf)] == ["RamFilter"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere.at.all.GpuFilter", "cannot be imported: ModuleNotFoundError: .*nowhere"),
        (f"{_OWN}.Missing", f"{_OWN} has no Missing"),
        (f"{_OWN}.NUMBER", "is no class"),
        (f"{_OWN}.NoPlugin", "has none of passes, host_passes, filter_all"),
        (f"{_OWN}.UnmadeFilter", "OSError: no such device"),
        (_OWN, "is no class"),
    ],
)
def test_a_path_to_no_filter_stops_the_start_and_says_why(
    conf: cfg.ConfigOpts, path: str, reason: str
) -> None:
    with pytest.raises(CannotStart, match=rf"\[filter_scheduler\] enabled_filters: .*{reason}"):
        plugins.load("filters", [path], conf)


@pytest.mark.parametrize("path", [f"{_OWN}.NUMBER", f"{_OWN}.Missing", "nowhere"])
def test_a_path_of_available_filters_to_nothing_stops_the_start(
    conf: cfg.ConfigOpts, path: str
) -> None:
    conf.set_override("available_filters", [_FILTERS, path], "filter_scheduler")

    with pytest.raises(CannotStart, match=r"\[filter_scheduler\] available_filters: "):
        plugins.load("filters", ["RamFilter"], conf)


def test_a_module_that_does_not_import_stops_the_start(
    conf: cfg.ConfigOpts, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_written.py").write_text("def host_passes(:\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(CannotStart, match=r"half_written.GpuFilter cannot be .* SyntaxError"):
        plugins.load("filters", ["half_written.GpuFilter"], conf)


def test_a_filter_of_the_seed_era_reads_filter_properties(conf: cfg.ConfigOpts) -> None:
    sizes = ({"memory_mb": mb, "memory_mb_limit": mb} for mb in (100, 512, 4096))
    hosts = table(*sizes)

    assert _passed(conf, "OldFilter", hosts, request(ram_mb=512)) == [False, True, True]


@pytest.mark.parametrize("asked_before", [True, False])
def test_limits_of_a_plugin_bound_the_claim(conf: cfg.ConfigOpts, asked_before: bool) -> None:
    facts = {"memory_mb": 4096, "memory_mb_limit": 5632, "reserved_memory_mb": 512}
    hosts, wanted = table(facts), request()  # where a plug-in sees the ratio 1.0
    filters = _own(conf, "OldFilter")

    if asked_before:
        assert filters[0][1].passes(hosts, wanted).all()

    assert limits_of(hosts, wanted, filters, 0) == {"memory_mb": 4096 - 512}


def test_what_fits_is_bounded_by_the_limits_of_a_plugin(conf: cfg.ConfigOpts) -> None:
    hosts = table(*({"memory_mb_used": used, "num_instances": 2} for used in (0, 600)))
    filters = _own(conf, "LimitingFilter")

    assert room(hosts, request(), filters).tolist() == [True, False]
    assert limits_of(hosts, request(), filters, 0) == {"memory_mb": 1000, "num_instances": 3}


def test_a_host_for_which_a_plugin_sets_no_limit_keeps_its_own(conf: cfg.ConfigOpts) -> None:
    hosts = table({"memory_mb": 0}, {"memory_mb": 4096})
    filters = _own(conf, "OldFilter")

    assert limits_of(hosts, request(), filters, 0) == {}
    assert room(hosts, request(), filters).tolist() == [True, True]


def test_a_plugin_may_tell_what_it_wanted(conf: cfg.ConfigOpts) -> None:
    rules = Rules(_own(conf, "TellingFilter", "EvenFilter"), ())

    (first, second) = explain(_busy(3, 1), request(), rules).refused

    assert (first.reason, first.wanted, first.available) == ("TellingFilter", "2 at most", "3")
    assert (second.reason, second.wanted) == ("EvenFilter", "what the plug-in asks")


def test_a_plugin_that_raises_refuses_the_host_and_is_logged_once(
    conf: cfg.ConfigOpts, caplog: pytest.LogCaptureFixture
) -> None:
    rules = Rules(_own(conf, "BrokenFilter"), ())

    found = choose(_busy(0, 1, 3, 5), request(), rules, random.Random(1))

    assert isinstance(found, Refusal)
    assert found.counts == {"BrokenFilter": 1, "BrokenFilter (filter error)": 3}
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one.getMessage() for one in errors] == ["filter BrokenFilter failed for 3 hosts"]


def test_hosts_for_which_a_plugin_does_not_raise_are_chosen(conf: cfg.ConfigOpts) -> None:
    rules = Rules(_own(conf, "BrokenFilter"), ())

    assert choose(_busy(1, 2, 3), request(), rules, random.Random(1)) == 1


def test_a_filter_may_see_all_hosts_together(conf: cfg.ConfigOpts) -> None:
    hosts = table(*({"memory_mb": mb} for mb in (1, 5, 3, 4)))

    assert _passed(conf, "TwoBestFilter", hosts, request()) == [False, True, False, True]


def test_a_filter_that_sees_all_together_and_raises_refuses_all(conf: cfg.ConfigOpts) -> None:
    rules = Rules(_own(conf, "BrokenTogetherFilter"), ())

    found = choose(_busy(0, 0), request(), rules, random.Random(1))

    assert isinstance(found, Refusal)
    assert found.counts == {"BrokenTogetherFilter (filter error)": 2}


def test_only_hosts_that_are_left_are_asked_about(conf: cfg.ConfigOpts) -> None:
    own = _own(conf, "EvenFilter", "OnceFilter")

    choose(_busy(0, 1, 2), request(), Rules(own, ()), random.Random(1))

    assert own[1][1]._plugin.asked == ["h1", "h3"]


def _one_of(reservation: str, count: int) -> Request:
    spec = {**request().request_spec, "num_instances": count}
    spec["instance_properties"] = {"reservation_id": reservation}
    return Request.of("u1", spec, {})


def test_a_filter_that_runs_once_answers_for_all_instances_of_a_request(
    conf: cfg.ConfigOpts,
) -> None:
    ((_name, filter_),) = _own(conf, "OnceFilter")
    hosts = _busy(0, 1)

    first = filter_.passes(hosts, _one_of("r-1", 2)).tolist()
    hosts.take(0, request())
    second = filter_.passes(hosts, _one_of("r-1", 2)).tolist()
    other = filter_.passes(hosts, _one_of("r-2", 2)).tolist()

    assert first == second == [True, False]
    assert other == [False, False]
    assert filter_._plugin.asked == ["h1", "h2"] * 2


def test_an_instance_that_is_alone_is_asked_about_each_time(conf: cfg.ConfigOpts) -> None:
    ((_name, filter_),) = _own(conf, "OnceFilter")

    for _ in range(2):
        filter_.passes(_busy(0, 1), _one_of("r-1", 1))

    assert filter_._plugin.asked == ["h1", "h2"] * 2


def test_the_same_request_over_a_table_that_changed_sees_the_change(conf: cfg.ConfigOpts) -> None:
    ((_name, filter_),) = _own(conf, "EvenFilter")
    hosts, wanted = _busy(0, 1), request()

    first = filter_.passes(hosts, wanted).tolist()
    hosts.take(0, wanted)

    assert (first, filter_.passes(hosts, wanted).tolist()) == ([True, False], [False, False])


def test_a_weigher_reads_what_a_filter_wrote_on_the_host(conf: cfg.ConfigOpts) -> None:
    rules = Rules(_own(conf, "MarkingFilter"), _own(conf, "MarkWeigher", kind="weighers"))

    assert choose(_busy(1, 5, 3), request(), rules, random.Random(1)) == 1


@pytest.mark.parametrize(
    ("name", "weighted"),
    [
        ("FewWeigher", [0.0, -2.0 / 3, -2.0]),
        ("OldWeigher", [0.0, 0.6, 3.0]),
        ("TogetherWeigher", [0.0, 0.0, 1.0]),
    ],
)
def test_a_class_with_weigh_object_is_a_weigher_by_its_path(
    conf: cfg.ConfigOpts, name: str, weighted: list[float]
) -> None:
    rules = Rules((), _own(conf, name, kind="weighers"))

    (found,) = weighed(_busy(0, 2, 10), request(), rules, np.arange(3))

    assert found.name == name
    assert found.weighted.tolist() == pytest.approx(weighted)


def test_a_host_that_a_plugin_cannot_weigh_is_refused_alone(conf: cfg.ConfigOpts) -> None:
    rules = Rules((), _own(conf, "BrokenWeigher", kind="weighers"))

    assert choose(_busy(0, 4, 2), request(), rules, random.Random(1)) == 2
    assert isinstance(choose(_busy(0, 0), request(), rules, random.Random(1)), Refusal)


def test_all_weighers_are_all_that_have_entry_points(conf: cfg.ConfigOpts) -> None:
    found = plugins.load("weighers", ["nova.scheduler.weights.all_weighers"], conf)

    assert {"RAMWeigher", "NumInstancesWeigher"} < {name for name, _weigher in found}


def test_plugins_say_that_their_answers_are_not_for_hosts_that_look_alike(
    conf: cfg.ConfigOpts,
) -> None:
    own = [*_own(conf, "EvenFilter"), *_own(conf, "FewWeigher", kind="weighers")]

    assert all(plugin.is_per_host for _name, plugin in own)
    assert own_plugins.EvenFilter.RUN_ON_REBUILD is False
