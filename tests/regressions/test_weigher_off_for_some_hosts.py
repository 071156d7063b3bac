"""A weigher that aggregates turn off for some hosts, or on, chose others by class than one by one.

Classes that came one after the other were asked about each for itself: where the multiplier was 0
the value was taken for 0, and the bounds between which all values lie were wrong.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from oslo_config import cfg

from minicloud.conf import register_opts
from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.hosts import HostFacts
from minicloud.scheduler.rules import of
from minicloud.scheduler.select import Rules, finalists
from tests.unit.scheduler.hosts import request, table

_MANY = 78  # so many hosts are not looked at one by one


def _rules(cpu: float) -> Rules:
    conf = register_opts(cfg.ConfigOpts())
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("enabled_weighers", ["RAMWeigher", "CPUWeigher"], "filter_scheduler")
    conf.set_override("cpu_weight_multiplier", cpu, "filter_scheduler")
    return of(conf)


def _free(ram_mb: int, vcpus: int) -> dict[str, int]:
    return {"memory_mb_limit": ram_mb, "vcpus_limit": vcpus, "disk_gb_limit": 100}


def _host(name: str, numbers: Mapping[str, Any]) -> HostFacts:
    return HostFacts(name, f"n-{name}", "agent", numbers)


def test_a_host_that_changes_bounds_the_others_by_what_it_has() -> None:
    """Memory counts nothing on h1, and the most that there is on any host is what h1 has."""
    rules = _rules(cpu=1.0)
    much_memory, many_cpus = _free(8192, 20), _free(5000, 30)
    rest = [_free(4100, 9)] * _MANY
    off = {"h1": [{"ram_weight_multiplier": "0"}]}
    hosts = table(_free(16000, 9), much_memory, many_cpus, *rest, aggregates=off)
    chooser = Chooser(rules)
    chooser.ranked(hosts, request(), Random(1), 1)

    hosts.update([_host("h1", _free(16000, 8))])
    found = chooser.ranked(hosts, request(), Random(1), 1)

    assert found == finalists(hosts, request(), rules) == [hosts.place_of("h3")]


def test_a_host_that_comes_is_bounded_by_what_the_others_have() -> None:
    """Processors count nothing but on h1, which is in its aggregate before it is there."""
    rules = _rules(cpu=0.0)
    rest = [_free(4100, 10)] * _MANY
    on = {"h1": [{"cpu_weight_multiplier": "2"}]}
    hosts = table(_free(4000, 8), _free(8192, 40), *rest, aggregates=on)
    hosts.keep_only(set(hosts.names) - {"h1"})
    hosts.set_aggregates({0: on["h1"][0]}, {"h1": [0]})
    chooser = Chooser(rules)
    chooser.ranked(hosts, request(), Random(1), 1)

    hosts.update([_host("h1", _free(4000, 8))])
    hosts.set_alive(set(hosts.names), ())
    found = chooser.ranked(hosts, request(), Random(1), 1)

    assert found == finalists(hosts, request(), rules) == [hosts.place_of("h2")]
