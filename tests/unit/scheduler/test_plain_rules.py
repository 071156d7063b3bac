"""Over columns every filter and weigher says what its rule says, read for one host at a time."""

import math
import random
from collections import Counter
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from minicloud.scheduler import chooser, plugins
from minicloud.scheduler.hosts import HostTable
from minicloud.scheduler.reasons import explain
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, finalists, weighable
from tests.unit.scheduler import plain_rules
from tests.unit.scheduler.choices import choose
from tests.unit.scheduler.plain_fleets import (
    OPTIONS,
    OTHERS,
    USUAL,
    conf_of,
    fleets,
    request_of,
    table_of,
    wishes,
)
from tests.unit.scheduler.plain_rules import Host, Options, Wish
from tests.unit.scheduler.plain_weights import WEIGHERS, best, totals

_steady = settings(derandomize=True, database=None, phases=[Phase.generate])
_OPTIONS = {"usual": OPTIONS, "other": OTHERS}
_CONF = {name: conf_of(options) for name, options in _OPTIONS.items()}
_which = pytest.mark.parametrize("which", _OPTIONS)


def _names(kind: str) -> list[str]:
    found = entry_points(group=f"minicloud.scheduler.{kind}")
    return sorted(each.name for each in found if each.value.startswith("minicloud."))


_FILTERS, _WEIGHERS = _names("filters"), _names("weighers")
_READY = {
    which: {
        "filters": plugins.load("filters", _FILTERS, conf),
        "weighers": plugins.load("weighers", _WEIGHERS, conf),
    }
    for which, conf in _CONF.items()
}


def test_every_filter_has_a_plain_rule() -> None:
    assert set(_FILTERS) <= plain_rules.FILTERS.keys()


def test_every_weigher_has_a_plain_rule() -> None:
    assert set(_WEIGHERS) <= WEIGHERS.keys()


@_which
@settings(_steady, max_examples=400)
@given(fleet=fleets(), wish=wishes())
def test_a_filter_over_columns_says_what_its_rule_says_of_each_host(
    which: str, fleet: list[Host], wish: Wish
) -> None:
    hosts, wanted = table_of(fleet), request_of(wish)

    said = {name: one.passes(hosts, wanted).tolist() for name, one in _READY[which]["filters"]}

    assert said == {
        name: [plain_rules.FILTERS[name](host, wish, _OPTIONS[which]) for host in fleet]
        for name in _FILTERS
    }


@_which
@settings(_steady, max_examples=200)
@given(fleet=fleets(), wish=wishes())
def test_a_weigher_over_columns_says_what_its_rule_says_of_each_host(
    which: str, fleet: list[Host], wish: Wish
) -> None:
    hosts, wanted = table_of(fleet), request_of(wish)
    options = _OPTIONS[which]

    for name, weigher in _READY[which]["weighers"]:
        rule = WEIGHERS[name]
        raw = weigher.weigh(hosts, wanted).tolist()
        times = np.broadcast_to(weigher.multipliers(hosts), (len(fleet),)).tolist()

        assert times == [rule.multiplier(host, options) for host in fleet], name
        for place, host in enumerate(fleet):
            if times[place]:
                expected = rule.raw(host, wish, options)
                assert raw[place] == pytest.approx(expected, nan_ok=True), name
        assert weigher.minimum == rule.minimum, name


def _plainly(
    fleet: list[Host], wish: Wish, filters: list[str], options: Options
) -> dict[str, str | None]:
    """Of each host what is the first to refuse it, if anything is."""
    found: dict[str, str | None] = {}
    for host in fleet:
        refused = [name for name in filters if not plain_rules.FILTERS[name](host, wish, options)]
        if host.name in wish.ignored:
            found[host.name] = "ignore_hosts"
        elif wish.requested not in (None, host.name):
            found[host.name] = "requested_host"
        else:
            found[host.name] = refused[0] if refused else None
    return found


@settings(_steady, max_examples=200)
@given(
    fleet=fleets(),
    wish=wishes(),
    filters=st.lists(st.sampled_from(_FILTERS), unique=True, max_size=5),
    seed=st.integers(0, 9),
)
def test_an_explanation_counts_every_host_once_under_its_first_reason(
    fleet: list[Host], wish: Wish, filters: list[str], seed: int
) -> None:
    ready = dict(_READY["usual"]["filters"])
    rules = Rules([(name, ready[name]) for name in filters], ())
    hosts, wanted = table_of(fleet), request_of(wish)
    reasons = _plainly(fleet, wish, filters, OPTIONS)
    passing = {name for name, reason in reasons.items() if reason is None}

    told, found = explain(hosts, wanted, rules), choose(hosts, wanted, rules, random.Random(seed))

    counts = Counter(reason for reason in reasons.values() if reason)
    assert told.hosts == len(fleet) == told.accepted + sum(told.counts.values())
    assert told.counts == counts
    assert {one.host: one.reason for one in told.refused} == {
        name: reason for name, reason in reasons.items() if reason
    }
    assert {one.host for one in told.best} == passing
    if isinstance(found, Refusal):
        assert not passing
        assert (found.hosts, found.counts) == (len(fleet), counts)
    else:
        assert hosts.names[found] in passing


@_which
@settings(_steady, max_examples=200)
@given(
    fleet=fleets(smallest=2),
    wish=wishes(),
    weighers=st.lists(st.sampled_from(_WEIGHERS), unique=True, max_size=4),
)
def test_weights_are_plain_sums_and_a_choice_is_among_the_best(
    which: str, fleet: list[Host], wish: Wish, weighers: list[str]
) -> None:
    ready, options = dict(_READY[which]["weighers"]), _OPTIONS[which]
    hosts, wanted = table_of(fleet), request_of(replace(wish, ignored=(), requested=None))
    rules = Rules((), [(name, ready[name]) for name in weighers])
    plain = [WEIGHERS[name] for name in weighers]
    counting = [one for one in plain if any(one.multiplier(host, options) for host in fleet)]
    able = [
        host
        for host in fleet
        if not any(math.isnan(one.raw(host, wish, options)) for one in counting)
    ]

    total = totals(able, plain, wish, options)

    found = finalists(hosts, wanted, rules)

    left, weight = weighable(hosts, wanted, rules)
    weights = {hosts.names[place]: each for place, each in zip(left, weight, strict=True)}
    assert weights.keys() == total.keys()
    if len(able) > 1:  # what is left alone is taken, whatever its weight
        assert weights == pytest.approx(total, rel=1e-9, abs=1e-6)
    assert {hosts.names[place] for place in found} == best(total)
    for seed in range(3):
        chosen = choose(hosts, wanted, rules, random.Random(seed))
        assert chosen in found if able else isinstance(chosen, Refusal)


@_which
@settings(_steady, max_examples=100)
@given(
    fleet=fleets(),
    asked=st.lists(wishes(), min_size=1, max_size=2),
    filters=st.lists(st.sampled_from(_FILTERS), unique=True, max_size=2),
    weighers=st.lists(st.sampled_from(_WEIGHERS), unique=True, max_size=3),
)
def test_choosing_by_classes_is_choosing_host_by_host(
    which: str, fleet: list[Host], asked: list[Wish], filters: list[str], weighers: list[str]
) -> None:
    """Also when it remembers what it made of the same request, and hosts have changed."""
    ready = _READY[which]
    rules = Rules(
        [(name, one) for name, one in ready["filters"] if name in filters],
        [(name, one) for name, one in ready["weighers"] if name in weighers],
    )
    hosts = table_of(_repeated(fleet))
    by_classes = chooser.Chooser(rules)

    for wish in asked * 2:
        wanted = request_of(wish)
        left, weight = weighable(hosts, wanted, rules)
        weights = dict(zip(left.tolist(), weight.tolist(), strict=True))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(chooser, "_FEW", 0)
            found = by_classes.ranked(hosts, wanted, random.Random(1), len(hosts))

        if isinstance(found, Refusal):
            assert not weights
            continue
        assert sorted(found) == sorted(weights)
        order = [weights[place] for place in found]
        assert order == pytest.approx(sorted(order, reverse=True))
        hosts.take(found[0], wanted)


def _repeated(fleet: list[Host]) -> list[Host]:
    """Some of the hosts twice, under another name."""
    more = (replace(one, name=f"{one.name}b", servers=()) for one in fleet[::2])
    return [*fleet, *more]


class Faulty:
    """A filter and weigher with a bug."""

    minimum = maximum = None

    def __init__(self, fault: str) -> None:
        self._fault = fault

    def passes(self, hosts: HostTable, request: Request) -> Any:
        return self._said(np.ones(len(hosts), np.bool_))

    def multipliers(self, hosts: HostTable) -> Any:
        return self._said(np.ones(len(hosts))) if self._fault.startswith("times") else 1.0

    def weigh(self, hosts: HostTable, request: Request) -> Any:
        return self._said(np.arange(len(hosts), dtype=np.float64))

    def _said(self, values: Any) -> Any:
        if "raises" in self._fault:
            raise KeyError("bug")
        if "short" in self._fault:
            return values[1:]
        if "none" in self._fault:
            return None
        if "huge" in self._fault:
            return np.where(np.arange(len(values)) % 2, 1.5e308, -1.5e308)
        return np.where(np.arange(len(values)) % 2, values, np.nan)


_FAULTS = ["raises", "short", "none", "huge", "nan", "times raises", "times nan", "times huge"]


@settings(_steady, max_examples=100)
@given(
    fleet=fleets(),
    wish=wishes(),
    faults=st.lists(st.sampled_from(_FAULTS), max_size=1),
    own=st.lists(st.sampled_from(["BrokenFilter", "BrokenTogetherFilter", "EvenFilter"])),
)
def test_filters_with_bugs_refuse_hosts_and_never_the_request(
    fleet: list[Host], wish: Wish, faults: list[str], own: list[str]
) -> None:
    rules = Rules([*_own("filters", own), *_faulty(faults)], ())

    _check_sums(fleet, wish, rules)


@settings(_steady, max_examples=200)
@given(
    fleet=fleets(smallest=2),
    faults=st.lists(st.sampled_from([*_FAULTS, "huge", "times huge", "huge"]), max_size=5),
    own=st.lists(st.sampled_from(["BrokenWeigher", "FewWeigher", "TogetherWeigher"])),
)
def test_weighers_with_bugs_refuse_hosts_and_never_the_request(
    fleet: list[Host], faults: list[str], own: list[str]
) -> None:
    rules = Rules((), [*_own("weighers", own), *_faulty(faults)])

    _check_sums(fleet, USUAL, rules)


def _check_sums(fleet: list[Host], wish: Wish, rules: Rules) -> None:
    """Something is chosen, or every host is counted."""
    hosts, wanted = table_of(fleet), request_of(wish)

    found, told = choose(hosts, wanted, rules, random.Random(1)), explain(hosts, wanted, rules)

    assert told.hosts == len(fleet) == told.accepted + sum(told.counts.values())
    if isinstance(found, Refusal):
        assert (found.hosts, found.counts) == (len(fleet), told.counts)
    else:
        assert told.accepted


def _faulty(faults: list[str]) -> list[tuple[str, Any]]:
    return [(f"F{number}", Faulty(fault)) for number, fault in enumerate(faults)]


def _own(kind: str, names: list[str]) -> list[tuple[str, Any]]:
    paths = [f"tests.unit.scheduler.own_plugins.{name}" for name in names]
    return plugins.load(kind, paths, _CONF["usual"])
