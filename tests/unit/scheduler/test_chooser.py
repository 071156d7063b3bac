"""Choosing by classes of hosts is choosing host by host: the same hosts, by the same chances."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from minicloud.scheduler.chooser import Chooser
from minicloud.scheduler.hosts import HostFacts, HostTable, Mask
from minicloud.scheduler.refusal import Measure, Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.rules import of
from minicloud.scheduler.select import Rules, finalists, ranked, weighable
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

_MANY = 100  # hosts: so many are not looked at one by one


@pytest.fixture(scope="module")
def rules() -> Rules:
    conf = defaults()
    usual = conf.filter_scheduler.enabled_filters
    conf.set_override("enabled_filters", [*usual, "JsonFilter"], "filter_scheduler")
    return of(conf)


class Scripted(Random):
    """Dice that fall as they are told, and note how many ways there were."""

    def __init__(self, script: list[int]) -> None:
        super().__init__()
        self.script, self.ways = script, list[int]()

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        self.ways.append(start)
        return self.script[len(self.ways) - 1] if len(self.ways) <= len(self.script) else 0


def chances(hosts: HostTable, one: Request, chooser: Chooser) -> dict[str, Fraction]:
    """How likely each host is to be chosen, over all ways in which the dice may fall."""
    found: Counter[str] = Counter()
    weights: dict[str, Fraction] = {}
    scripts: list[list[int]] = [[]]
    while scripts:
        dice = Scripted(scripts.pop())
        places = chooser.ranked(hosts, one, dice, 1)
        if len(dice.ways) > len(dice.script):
            ways = dice.ways[len(dice.script)]
            scripts += [[*dice.script, way] for way in range(ways)]
            continue
        name = "refused" if isinstance(places, Refusal) else hosts.names[places[0]]
        likely = Fraction(1)
        for ways in dice.ways:
            likely /= ways
        weights[name] = weights.get(name, Fraction(0)) + likely
        found[name] += 1
    return weights


def fleet(dice: Random, count: int = _MANY) -> HostTable:
    """Hosts of a few kinds in a few states, so that many are alike."""
    facts = [
        {
            "vcpus_used": dice.choice([0, 4, 60]),
            "memory_mb_limit": dice.choice([4096, 8192]),
            "memory_mb_used": dice.choice([0, 512, 4096]),
            "num_instances": dice.choice([0, 1, 2]),
            "num_io_ops": dice.choice([0, 0, 1]),
            "failed_builds": dice.choice([0, 0, 0, 1]),
        }
        for _ in range(count)
    ]
    names = [f"h{number}" for number in range(1, count + 1)]
    zones = {name: "zone1" for name in names if dice.random() < 0.5}
    stacked = {name: [{"ram_weight_multiplier": "-1"}] for name in names if dice.random() < 0.2}
    up = {name for name in names if dice.random() < 0.9}
    kinds = {name: {"hypervisor_version": dice.choice([1, 2])} for name in names}
    return table(*facts, up=up, zones=zones, aggregates=stacked, kinds=kinds)


def wish(dice: Random, names: list[str]) -> Request:
    """A request that may name hosts."""
    some = dice.sample(names, 3)
    properties: dict[str, Any] = dice.choice(
        [
            {},
            {},
            {"ignore_hosts": some},
            {"retry": {"num_attempts": 2, "hosts": [[some[0], "n"]]}},
            {"group_policies": ["anti-affinity"], "group_hosts": some},
            {"group_policies": ["affinity"], "group_hosts": some[:1]},
            {"group_policies": ["affinity"], "group_hosts": ["gone"]},
            {"group_policies": ["soft-anti-affinity"], "group_hosts": some},
            {"group_policies": ["soft-affinity"], "group_hosts": some},
            {"force_hosts": some[:1]},
            {"requested_destination": {"host": some[0], "node": None}},
            {"scheduler_hints": {"query": '["<", "$host", "h3"]'}},
            {"scheduler_hints": {"query": '["<", "$host", "h3"]'}, "ignore_hosts": some},
            {"scheduler_hints": {"query": '[">", "$num_instances", 0]'}},
        ]
    )
    return request(
        vcpus=dice.choice([1, 5]),
        ram_mb=dice.choice([512, 4000, 8192]),
        zone=dice.choice([None, None, "zone1"]),
        **properties,
    )


@pytest.mark.parametrize("seed", range(12))
def test_every_host_is_as_likely_as_if_hosts_were_looked_at_one_by_one(
    rules: Rules, seed: int
) -> None:
    dice = Random(seed)
    hosts = fleet(dice)
    chooser = Chooser(rules)
    for _ in range(12):
        one = wish(dice, hosts.names)

        likely = chances(hosts, one, chooser)

        best = [hosts.names[place] for place in finalists(hosts, one, rules)] or ["refused"]
        assert likely == {name: Fraction(1, len(best)) for name in best}
        _change(hosts, dice)


@pytest.mark.parametrize("subset", [2, 7, 40])
def test_one_of_the_best_few_is_drawn_whatever_the_classes(rules: Rules, subset: int) -> None:
    few = replace(rules, subset_size=subset)
    dice = Random(subset)
    hosts = fleet(dice)
    one = request()
    left, weight = weighable(hosts, one, few)
    least = np.sort(weight)[::-1][subset - 1]

    likely = chances(hosts, one, Chooser(few))

    tied = set(finalists(hosts, one, replace(few, subset_size=1)))
    drawn = {hosts.place_of(name) for name in likely}
    assert len(drawn) == max(subset, len(tied))
    assert all(weight[left.tolist().index(place)] >= least - 1e-9 for place in drawn)
    assert set(likely.values()) == {Fraction(1, len(drawn))}


def test_alternates_are_what_would_be_chosen_without_those_before(rules: Rules) -> None:
    dice = Random(5)
    hosts = fleet(dice)
    chooser = Chooser(rules)

    found = chooser.ranked(hosts, request(), dice, 30)

    assert isinstance(found, list)
    assert len(set(found)) == 30
    left, weight = weighable(hosts, request(), rules)
    order = [float(weight[left.tolist().index(place)]) for place in found]
    assert order == sorted(order, reverse=True)
    assert order == sorted(weight.tolist(), reverse=True)[:30]


def test_hosts_fill_as_they_would_one_by_one(rules: Rules) -> None:
    """A stream of requests, with hosts that go down, come up and change in between."""
    dice = Random(3)
    hosts = fleet(dice)
    chooser = Chooser(rules)
    for _ in range(300):
        one = wish(dice, hosts.names)
        best = finalists(hosts, one, rules)
        found = chooser.ranked(hosts, one, dice, 3)
        if isinstance(found, Refusal):
            assert not best
            continue
        assert found[0] in best
        hosts.take(found[0], one)
        _change(hosts, dice)


def test_a_refusal_tells_what_every_host_lacked(rules: Rules) -> None:
    hosts = fleet(Random(1))
    one = request(ram_mb=99999)

    found = Chooser(rules).ranked(hosts, one, Random(1), 1)

    assert isinstance(found, Refusal)
    assert found == ranked(hosts, one, rules, Random(1), 1)
    assert sum(found.counts.values()) == _MANY


class Odd:
    """A filter that is right by its facts in general, and fails at times."""

    def __init__(self, conf: object = None) -> None:
        self.fails = False

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        if self.fails:
            raise KeyError("bug")
        return np.asarray(hosts.num_instances == 1)

    def measured(self, hosts: HostTable, request: Request, place: int) -> Measure:
        return Measure("1", str(hosts.num_instances[place]))


def test_a_filter_that_fails_refuses_hosts_by_class_too(rules: Rules) -> None:
    odd = Odd()
    hosts = fleet(Random(1))
    chooser = Chooser(replace(rules, filters=[("Odd", odd)]))
    assert isinstance(chooser.ranked(hosts, request(), Random(1), 1), list)
    odd.fails = True

    found = chooser.ranked(hosts, request(ram_mb=2), Random(1), 1)

    assert isinstance(found, Refusal)
    assert found.counts == {"Odd (filter error)": _MANY}


@pytest.mark.parametrize(("waste", "turns"), [(0, 10**6), (4096, 3)])
def test_classes_are_numbered_anew_before_they_take_much_room(
    rules: Rules, monkeypatch: pytest.MonkeyPatch, waste: int, turns: int
) -> None:
    monkeypatch.setattr("minicloud.scheduler.classes._WASTE", waste)
    monkeypatch.setattr("minicloud.scheduler.classes._MOST_TURNS", turns)
    hosts = table(*[{"memory_mb_limit": 10**6}] * _MANY)
    chooser = Chooser(rules)
    epochs = set()
    for _ in range(400):
        found = chooser.ranked(hosts, request(), Random(1), 1)
        assert isinstance(found, list)
        assert found[0] in finalists(hosts, request(), rules)
        hosts.take(found[0], request())
        epochs.add(chooser._classes.epoch)

    assert len(epochs) > 1
    assert len(chooser._classes) <= 3 * _MANY
    assert len(chooser._classes.turned) <= max(5 * _MANY, turns + 2)


def test_hosts_that_are_gone_are_chosen_no_more(rules: Rules) -> None:
    hosts = fleet(Random(2))
    chooser = Chooser(rules)
    chooser.ranked(hosts, request(), Random(1), 1)
    kept = set(hosts.names[::2])
    hosts.keep_only(kept)

    for seed in range(20):
        found = chooser.ranked(hosts, request(), Random(seed), 1)
        assert isinstance(found, list)
        assert hosts.names[found[0]] in kept
        assert found[0] in finalists(hosts, request(), rules)


def test_remembered_kinds_of_requests_are_bounded(rules: Rules) -> None:
    hosts = fleet(Random(2))
    chooser = Chooser(rules)
    for size in range(300):
        chooser.ranked(hosts, request(ram_mb=100 + size), Random(1), 1)

    assert len(chooser._standings) <= 64


def test_a_weigher_that_only_an_aggregate_turns_on_sees_hosts_that_were_new_later() -> None:
    conf = defaults()
    conf.set_override("enabled_weighers", ["NumInstancesWeigher"], "filter_scheduler")
    names = [f"h{number}" for number in range(1, _MANY + 1)]
    on = {"h1": [{"num_instances_weight_multiplier": "1000"}]}
    hosts = table(*({"num_instances": 3} for _ in names), aggregates=on)
    rules = of(conf)
    chooser = Chooser(rules)
    for seed in range(5):  # what is chosen becomes a class of its own, for which nothing counts
        (place,) = (p for p in chooser.ranked(hosts, request(), Random(seed), 1))  # type: ignore[union-attr]
        hosts.take(place, request())

    found = {tuple(chooser.ranked(hosts, request(), Random(seed), 1)) for seed in range(40)}  # type: ignore[arg-type]

    assert {place for (place,) in found} <= set(finalists(hosts, request(), rules))
    assert len(found) > 1


def _owned(project: str) -> Request:
    one = request(project_id=project)
    owner = {"project_id": project, "user_id": f"of {project}", "metadata": {"of": project}}
    spec = {**one.request_spec, "instance_properties": owner}
    return replace(one, request_spec=spec)


def test_requests_of_many_owners_are_alike_where_nobody_looks_at_owners(rules: Rules) -> None:
    chooser = Chooser(rules)
    hosts = fleet(Random(2))
    for number in range(20):
        chooser.ranked(hosts, _owned(f"p{number}"), Random(1), 1)

    assert len(chooser._standings) == 1


def _of_image(number: int) -> Request:
    one = request()
    image = {"id": f"image-{number}", "name": f"snapshot {number}", "properties": {}}
    return replace(one, request_spec={**one.request_spec, "image": image})


def test_requests_for_many_images_are_alike_where_their_properties_are(rules: Rules) -> None:
    chooser = Chooser(rules)
    hosts = fleet(Random(2))
    for number in range(20):
        chooser.ranked(hosts, _of_image(number), Random(1), 1)

    assert len(chooser._standings) == 1


def test_an_image_that_is_isolated_is_told_from_others() -> None:
    conf = defaults()
    conf.set_override("enabled_filters", ["IsolatedHostsFilter"], "filter_scheduler")
    conf.set_override("isolated_images", ["image-1"], "filter_scheduler")
    hosts = fleet(Random(2))
    chooser = Chooser(of(conf))

    assert isinstance(chooser.ranked(hosts, _of_image(2), Random(1), 1), list)
    assert isinstance(chooser.ranked(hosts, _of_image(1), Random(1), 1), Refusal)


def test_requests_of_several_projects_are_told_apart_where_a_filter_does() -> None:
    conf = defaults()
    filters = ["ComputeFilter", "AggregateMultiTenancyIsolation"]
    conf.set_override("enabled_filters", filters, "filter_scheduler")
    names = [f"h{number}" for number in range(1, _MANY + 1)]
    tenants = {n: [{"filter_tenant_id": f"p{place % 2}"}] for place, n in enumerate(names)}
    hosts = table(*({} for _ in names), aggregates=tenants)
    chooser = Chooser(of(conf))

    found = [chooser.ranked(hosts, _owned(f"p{n % 2}"), Random(n), 1) for n in range(20)]

    assert [isinstance(one, list) and one[0] % 2 for one in found] == [n % 2 for n in range(20)]


class ByName(Odd):
    """A filter of somebody else, which looks at what is another for each server."""

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        name = request.request_spec["instance_properties"]["display_name"]
        return np.asarray(hosts.vcpus_total == (16 if name == "big" else 8))


def test_what_a_foreign_filter_may_look_at_is_never_taken_from_another_request() -> None:
    hosts = table(*[{"vcpus": 8 + 8 * (place % 2)} for place in range(_MANY)])
    chooser, one = Chooser(Rules([("ByName", ByName())], [])), request()

    for name, vcpus in (("big", 16), ("small", 8), ("big", 16)):
        spec = {**one.request_spec, "instance_properties": {"display_name": name}}
        found = chooser.ranked(hosts, replace(one, request_spec=spec), Random(1), 1)
        assert isinstance(found, list)
        assert hosts.vcpus_total[found[0]] == vcpus


def _change(hosts: HostTable, dice: Random) -> None:
    """Some host tells something new."""
    numbers: Iterator[int] = iter(dice.sample(range(len(hosts)), 2))
    place = next(numbers)
    facts = {name: int(column[place]) for name, column in hosts._columns.items()}
    facts["memory_mb_used"] = dice.choice([0, 512, 4096])
    kind = {"hypervisor_version": dice.choice([1, 2])}
    hosts.update([HostFacts(hosts.names[place], hosts.nodes[place], "agent", facts, kind)])
    up = {name for name, is_up in zip(hosts.names, hosts.up, strict=True) if is_up}
    hosts.set_alive(up ^ {hosts.names[next(numbers)]}, ())


class Refusing:
    """A weigher that can weigh no host."""

    minimum = maximum = None

    def multipliers(self, hosts: HostTable) -> float:
        return 1.0

    def weigh(self, hosts: HostTable, request: Request) -> np.ndarray[Any, Any]:
        return np.full(len(hosts), np.nan)


@pytest.mark.parametrize("count", [_MANY, 1])
def test_hosts_that_are_alike_are_weighed_where_a_host_alone_is_not(count: int) -> None:
    """With names in the request one row stood for all of them, and was not weighed either."""
    hosts = table(*[{}] * count)
    refusing: list[tuple[str, Any]] = [("Refusing", Refusing())]
    wanted = request(ignore_hosts=["h1"] if count > 1 else [])

    found = Chooser(Rules((), refusing)).ranked(hosts, wanted, Random(1), 1)

    assert isinstance(found, Refusal) == (count > 1)
