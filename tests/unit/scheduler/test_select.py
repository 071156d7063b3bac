"""The choice of a host, as SEMANTICS sections 6 and 10 have it."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_config import cfg

from minicloud.errors import CannotStart
from minicloud.scheduler import plugins
from minicloud.scheduler.hosts import HostTable, Mask, Numbers
from minicloud.scheduler.refusal import Refusal
from minicloud.scheduler.request import Request
from minicloud.scheduler.select import Rules, weighed
from tests.options import defaults
from tests.unit.scheduler.choices import choose, weights
from tests.unit.scheduler.hosts import request, table

_FILTERS = [
    "RetryFilter",
    "AvailabilityZoneFilter",
    "ComputeFilter",
    "RamFilter",
    "CoreFilter",
    "DiskFilter",
    "AllHostsFilter",
]


@pytest.fixture(scope="module")
def conf() -> cfg.ConfigOpts:
    return defaults()


@pytest.fixture(scope="module")
def filters(conf: cfg.ConfigOpts) -> list[tuple[str, Any]]:
    return plugins.load("filters", _FILTERS, conf)


class Raising:
    """A plug-in with a bug."""

    minimum = maximum = None

    def __init__(self, conf: object = None) -> None:
        pass

    def passes(self, hosts: HostTable, request: Request) -> Mask:
        raise KeyError("bug")

    def multipliers(self, hosts: HostTable) -> float:
        return 1.0

    def weigh(self, hosts: HostTable, request: Request) -> Numbers:
        raise KeyError("bug")


class ByNumber:
    """Weighs hosts by numbers that the test gives."""

    def __init__(
        self,
        numbers: list[float],
        multiplier: float = 1.0,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> None:
        self._numbers, self._multiplier = np.array(numbers), multiplier
        self.minimum, self.maximum = minimum, maximum

    def multipliers(self, hosts: HostTable) -> float:
        return self._multiplier

    def weigh(self, hosts: HostTable, request: Request) -> Numbers:
        return self._numbers


def dice(seed: int = 1) -> random.Random:
    return random.Random(seed)


def rules(filters: Any = (), weighers: Any = (), **more: Any) -> Rules:
    return Rules(filters, weighers, **more)


def test_the_example_of_the_weighers_comes_out(conf: cfg.ConfigOpts) -> None:
    hosts = table(
        {"memory_mb_limit": 2048, "num_io_ops": 0},
        {"memory_mb_limit": 4096, "num_io_ops": 2},
        {"memory_mb_limit": 0, "memory_mb_used": 512, "num_io_ops": 4},
    )
    weighers = plugins.load("weighers", ["RAMWeigher", "IoOpsWeigher"], conf)

    found = weights(hosts, request(), rules(weighers=weighers), np.arange(3))

    assert hosts.free_ram_mb.tolist() == [2048, 4096, -512]
    assert found.tolist() == [0.5, 0.5, -1.0]


def test_weights_are_normalised_over_the_hosts_that_are_left(conf: cfg.ConfigOpts) -> None:
    hosts = table(
        {"memory_mb_limit": 100000}, {"memory_mb_limit": 4096}, {"memory_mb_limit": 2048}
    )
    weighers = plugins.load("weighers", ["RAMWeigher"], conf)

    found = weights(hosts, request(), rules(weighers=weighers), np.array([1, 2]))

    assert found.tolist() == [1.0, 0.5]


def test_hosts_that_are_equal_weigh_nothing() -> None:
    equal = rules(weighers=[("w", ByNumber([7.0, 7.0]))])

    assert weights(table({}, {}), request(), equal, np.arange(2)).tolist() == [0, 0]


def test_own_bounds_of_a_weigher_clamp_and_normalise() -> None:
    bounded = rules(weighers=[("w", ByNumber([-5.0, 30.0, 500.0], minimum=0.0, maximum=100.0))])

    found = weights(table({}, {}, {}), request(), bounded, np.arange(3))

    assert found.tolist() == [0.0, 0.3, 1.0]


def test_a_host_whose_builds_fail_is_avoided_whatever_else_it_has(conf: cfg.ConfigOpts) -> None:
    hosts = table({"memory_mb_limit": 99999, "failed_builds": 1}, {"memory_mb_limit": 1024})
    weighers = plugins.load("weighers", ["RAMWeigher", "BuildFailureWeigher"], conf)

    assert choose(hosts, request(), rules(weighers=weighers), dice()) == 1


def test_a_weigher_that_raises_refuses_every_host() -> None:
    weighers = [("Bad", Raising()), ("good", ByNumber([1.0, 2.0]))]

    found = choose(table({}, {}), request(), rules(weighers=weighers), dice())

    assert isinstance(found, Refusal)
    assert found.counts == {"Bad (weigher error)": 2}


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_host_that_a_weigher_cannot_weigh_is_refused_and_no_other(bad: float) -> None:
    weighers = [("one", ByNumber([1.0, 2.0, 9.0])), ("two", ByNumber([5.0, 5.0, bad]))]
    hosts, both = table({}, {}, {}), rules(weighers=weighers)

    assert choose(hosts, request(), both, dice()) == 1
    first, second = weighed(hosts, request(), both, np.arange(3))
    assert first.normalised[:2].tolist() == [0.0, 1.0]  # the one that is refused does not count
    assert np.isnan(second.weighted).tolist() == [False, False, True]


def test_a_weigher_is_not_asked_about_a_single_host() -> None:
    found = choose(table({}), request(), rules(weighers=[("Bad", Raising())]), dice())

    assert found == 0


def test_a_filter_that_raises_refuses_every_host() -> None:
    found = choose(table({}, {}), request(), rules([("Bad", Raising())]), dice())

    assert isinstance(found, Refusal)
    assert found.counts == {"Bad (filter error)": 2}
    assert found.sentence == (
        "There are not enough hosts available. Of 2 hosts, refused by: Bad (filter error) 2."
    )


def test_forced_hosts_skip_filters() -> None:
    found = choose(
        table({}, {}, {}), request(force_hosts=["h2"]), rules([("Bad", Raising())]), dice()
    )

    assert found == 1


def test_forced_nodes_skip_filters() -> None:
    found = choose(
        table({}, {}, {}), request(force_nodes=["n-h3"]), rules([("Bad", Raising())]), dice()
    )

    assert found == 2


def test_a_forced_host_that_is_not_there_is_refused() -> None:
    found = choose(table({}, {}), request(force_hosts=["h9"]), rules(), dice())

    assert isinstance(found, Refusal)
    assert found.counts == {"force_hosts": 2}


def test_ignored_hosts_are_dropped_even_when_forced() -> None:
    wanted = request(ignore_hosts=["h1"], force_hosts=["h1"])

    found = choose(table({}, {}), wanted, rules(), dice())

    assert isinstance(found, Refusal)
    assert found.counts == {"ignore_hosts": 1, "force_hosts": 1}


def test_a_cloud_without_hosts_says_so() -> None:
    found = choose(table(), request(), rules(), dice())

    assert isinstance(found, Refusal)
    assert found.sentence == "There are not enough hosts available: the cloud has no hosts."


@pytest.mark.parametrize(
    ("up", "lately", "waiting"),
    [
        ({"h2"}, {"h1"}, True),
        ({"h2"}, set(), False),  # down for so long that it will not be back in a moment
        ({"h1", "h2"}, set(), False),
    ],
)
def test_a_refusal_waits_only_where_a_host_went_down_lately(
    filters: list[tuple[str, Any]], up: set[str], lately: set[str], waiting: bool
) -> None:
    hosts = table({}, {"memory_mb_limit": 0}, up=up)
    hosts.set_lately(lately)
    wanted = request(ram_mb=9000)

    found = choose(hosts, wanted, rules(filters), dice())

    assert isinstance(found, Refusal)
    assert found.waiting == waiting


def test_the_best_host_is_chosen() -> None:
    best = rules(weighers=[("w", ByNumber([1.0, 3.0, 2.0]))])

    assert {choose(table({}, {}, {}), request(), best, dice(seed)) for seed in range(20)} == {1}


@pytest.mark.parametrize(
    ("size", "chosen"),
    [(-1, {1}), (0, {1}), (1, {1}), (2, {1, 2}), (3, {0, 1, 2}), (9, {0, 1, 2})],
)
def test_one_of_the_best_few_is_chosen(size: int, chosen: set[int]) -> None:
    few = rules(weighers=[("w", ByNumber([1.0, 3.0, 2.0]))], subset_size=size)

    found = {choose(table({}, {}, {}), request(), few, dice(seed)) for seed in range(60)}

    assert found == chosen


@pytest.mark.parametrize(
    ("size", "shuffle", "chosen"),
    [
        (1, True, {0, 2, 3}),
        (1, False, {0}),
        (2, True, {0, 2, 3}),
        (2, False, {0, 2}),
        (4, True, {0, 1, 2, 3}),
    ],
)
def test_hosts_that_tie_for_best_are_shuffled(size: int, shuffle: bool, chosen: set[int]) -> None:
    weigher = ByNumber([3.0, 1.0, 3.0, 3.0])
    ties = rules(weighers=[("w", weigher)], shuffle_best=shuffle, subset_size=size)

    found = {choose(table(*[{}] * 4), request(), ties, dice(seed)) for seed in range(60)}

    assert found == chosen


def test_the_same_dice_choose_the_same_hosts() -> None:
    hosts, ties = table(*[{}] * 9), rules(weighers=[("w", ByNumber([1.0] * 9))])

    first, second = dice(5), dice(5)

    assert [choose(hosts, request(), ties, first) for _ in range(20)] == [
        choose(hosts, request(), ties, second) for _ in range(20)
    ]


@pytest.mark.parametrize("kind", ["filters", "weighers"])
def test_a_plugin_that_nobody_has_stops_the_start(conf: cfg.ConfigOpts, kind: str) -> None:
    with pytest.raises(CannotStart, match=f"enabled_{kind}: there is no Nonsense; known are "):
        plugins.load(kind, ["Nonsense"], conf)


_facts = st.fixed_dictionaries(
    {
        "vcpus_limit": st.integers(0, 8),
        "vcpus_used": st.integers(0, 8),
        "memory_mb_limit": st.integers(0, 4096),
        "memory_mb_used": st.integers(0, 4096),
        "disk_gb_limit": st.integers(0, 20),
        "disk_gb_used": st.integers(0, 20),
    }
)


@st.composite
def clouds(draw: st.DrawFn) -> tuple[HostTable, list[dict[str, Any]], Request]:
    """A table, the same hosts as plain dictionaries, and a request."""
    facts = draw(st.lists(_facts, min_size=1, max_size=6))
    names = [f"h{n}" for n in range(1, len(facts) + 1)]
    up, disabled = draw(st.sets(st.sampled_from(names))), draw(st.sets(st.sampled_from(names)))
    zones = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(["a", "b"])))
    tried = draw(st.sets(st.sampled_from(names)))
    wanted = request(
        vcpus=draw(st.integers(1, 4)),
        ram_mb=draw(st.integers(1, 2048)),
        root_gb=draw(st.integers(0, 10)),
        swap_mb=draw(st.sampled_from([0, 1, 1024])),
        zone=draw(st.sampled_from([None, "a", "nova"])),
        retry={"num_attempts": 1, "hosts": [[name, f"n-{name}"] for name in sorted(tried)]},
    )
    plain = [
        {
            **fact,
            "up": name in up,
            "enabled": name not in disabled,
            "zone": zones.get(name, "nova"),
            "tried": name in tried,
        }
        for name, fact in zip(names, facts, strict=True)
    ]
    return table(*facts, up=up, disabled=tuple(disabled), zones=zones), plain, wanted


def _plainly(host: dict[str, Any], wanted: Request) -> dict[str, bool]:
    """What each filter says of one host, read from SEMANTICS section 7."""
    zone = wanted.availability_zone
    free_disk_mb = (host["disk_gb_limit"] - host["disk_gb_used"]) * 1024
    return {
        "RetryFilter": not host["tried"],
        "AvailabilityZoneFilter": zone is None or host["zone"] == zone,
        "ComputeFilter": host["up"] and host["enabled"],
        "RamFilter": host["memory_mb_limit"] - host["memory_mb_used"] >= wanted.ram_mb,
        "CoreFilter": host["vcpus_limit"] - host["vcpus_used"] >= wanted.vcpus,
        "DiskFilter": free_disk_mb >= wanted.disk_mb,
        "AllHostsFilter": True,
    }


@given(clouds())
def test_filters_over_columns_say_what_a_plain_reading_of_each_host_says(
    filters: list[tuple[str, Any]], cloud: tuple[HostTable, list[dict[str, Any]], Request]
) -> None:
    hosts, plain, wanted = cloud

    found = {name: filter_.passes(hosts, wanted).tolist() for name, filter_ in filters}

    assert found == {
        name: [_plainly(host, wanted)[name] for host in plain] for name, _filter in filters
    }


@given(clouds(), st.integers(0, 99))
def test_a_host_is_chosen_if_one_passes_and_else_every_host_is_counted_once(
    filters: list[tuple[str, Any]],
    cloud: tuple[HostTable, list[dict[str, Any]], Request],
    seed: int,
) -> None:
    hosts, plain, wanted = cloud
    passing = {i for i, host in enumerate(plain) if all(_plainly(host, wanted).values())}

    found = choose(hosts, wanted, rules(filters), dice(seed))

    if isinstance(found, Refusal):
        assert not passing
        assert sum(found.counts.values()) == found.hosts == len(plain)
        assert all(found.counts.values())
    else:
        assert found in passing


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_without_measure_of_weighers_and_aggregates_stop_no_choice(
    conf: cfg.ConfigOpts, sign: int
) -> None:
    """Their sum was inf - inf: no host was the best, and every request failed."""
    much = {"ram_weight_multiplier": "1.7e308", "cpu_weight_multiplier": f"{sign * 1.7e308}"}
    facts = ({"memory_mb_limit": 2048, "vcpus_limit": 9}, {"memory_mb_limit": 1024})
    hosts = table(*facts, {}, aggregates={"h1": [much], "h2": [much], "h3": [much]})
    weighers = plugins.load("weighers", ["RAMWeigher", "CPUWeigher"], conf)
    huge: list[tuple[str, Any]] = [("huge", ByNumber([1.7e308, -1.7e308, 0.0]))]

    assert choose(hosts, request(), rules(weighers=[*weighers, *huge]), dice()) in (0, 1, 2)
