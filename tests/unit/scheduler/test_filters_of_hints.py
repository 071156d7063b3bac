"""Filters that go by hints, by images that are kept apart, and by ratios of aggregates."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.scheduler import plugins
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.scheduler.request import Request
from tests.options import defaults
from tests.unit.scheduler.hosts import request, table

_NAMES = [f"h{number}" for number in range(1, 7)]
_hosts = st.lists(st.sampled_from([*_NAMES, "elsewhere"]), max_size=8)
_GIGA = 1024


def _filter(name: str, **options: Any) -> Any:
    conf = defaults()
    for option, value in options.items():
        conf.set_override(option, value, "filter_scheduler")
    ((_name, filter_),) = plugins.load("filters", [name], conf)
    return filter_


def _passed(filter_: Any, hosts: HostTable, wish: Request) -> list[str]:
    """Those that pass; every host has something to say of why."""
    for place in range(len(hosts)):
        measure = filter_.measured(hosts, wish, place)
        assert all(measure)
    mask = filter_.passes(hosts, wish).tolist()
    return [name for name, passes in zip(hosts.names, mask, strict=True) if passes]


def _six() -> HostTable:
    return table(*({} for _ in _NAMES))


@given(where=_hosts)
def test_the_same_host_is_one_with_any_of_the_servers(where: list[str]) -> None:
    filter_, hint = _filter("SameHostFilter"), {"same_host": ["a", "b"]}

    wish = request(scheduler_hints=hint, same_hosts=where)

    assert _passed(filter_, _six(), wish) == [name for name in _NAMES if name in where]


@given(where=_hosts)
def test_a_different_host_is_one_without_all_of_the_servers(where: list[str]) -> None:
    wish = request(scheduler_hints={"different_host": ["a", "b"]}, different_hosts=where)

    passed = _passed(_filter("DifferentHostFilter"), _six(), wish)

    assert passed == [name for name in _NAMES if name not in where]


@pytest.mark.parametrize("hints", [{}, {"same_host": []}, {"different_host": []}, {"group": "g"}])
@pytest.mark.parametrize(
    "name",
    [
        "SameHostFilter",
        "DifferentHostFilter",
        "GroupAffinityFilter",
        "GroupAntiAffinityFilter",
        "SimpleCIDRAffinityFilter",
    ],
)
def test_without_its_hint_a_filter_passes_every_host(name: str, hints: dict[str, Any]) -> None:
    assert _passed(_filter(name), _six(), request(scheduler_hints=hints)) == _NAMES


@given(where=_hosts)
def test_a_group_with_a_name_is_kept_together_or_apart(where: list[str]) -> None:
    wish = request(named_group_hosts=where)

    together = _passed(_filter("GroupAffinityFilter"), _six(), wish)
    apart = _passed(_filter("GroupAntiAffinityFilter"), _six(), wish)

    assert together == [name for name in _NAMES if name in where or not where]
    assert apart == [name for name in _NAMES if name not in where]


_ips = st.sampled_from(["10.0.0.1", "10.0.0.200", "10.0.1.1", "10.9.0.1", "fd00::1", "fd00::2:1"])


def _at(ips: Sequence[str]) -> HostTable:
    hosts = HostTable()
    hosts.update(HostFacts(f"h{n}", "n", "a", {}, host_ip=ip) for n, ip in enumerate(ips, 1))
    return hosts


@given(
    ips=st.lists(_ips, min_size=1, max_size=6),
    near=_ips,
    cidr=st.sampled_from(["", "/0", "/8", "/16", "/24", "/32", "/255.255.0.0", "/30"]),
)
def test_a_near_host_has_its_address_in_the_network(ips: list[str], near: str, cidr: str) -> None:
    if ":" in near and "." in cidr:
        return
    hints = {"build_near_host_ip": near, "cidr": cidr}
    network = ip_network(near + (cidr or "/24"), strict=False)

    passed = _passed(_filter("SimpleCIDRAffinityFilter"), _at(ips), request(scheduler_hints=hints))

    inside = [ip_address(ip) in network for ip in ips]
    assert passed == [f"h{n}" for n, is_near in enumerate(inside, 1) if is_near]


def test_a_host_without_an_address_is_near_to_nothing() -> None:
    hints = {"build_near_host_ip": "10.0.0.1", "cidr": "/0"}

    passed = _passed(
        _filter("SimpleCIDRAffinityFilter"), _at(["", "x", "1.2.3.4"]), _hinted(hints)
    )

    assert passed == ["h3"]


def _hinted(hints: Mapping[str, Any]) -> Request:
    return request(scheduler_hints=hints)


@pytest.mark.parametrize(
    ("image", "images", "strict", "passes_isolated", "passes_others"),
    [
        ("own", ["own"], True, True, False),
        ("other", ["own"], True, False, True),
        ("own", ["own"], False, True, False),
        ("other", ["own"], False, True, True),
        ("other", [], True, False, True),
        ("other", [], False, True, True),
        (None, ["own"], True, False, True),
        (None, [], False, True, True),
    ],
)
def test_isolated_images_and_hosts_belong_together(
    image: str | None,
    images: list[str],
    strict: bool,
    passes_isolated: bool,
    passes_others: bool,
) -> None:
    filter_ = _filter(
        "IsolatedHostsFilter",
        isolated_images=images,
        isolated_hosts=["h2", "nowhere"],
        restrict_isolated_hosts_to_isolated_images=strict,
    )
    spec = {**request().request_spec, "image": {"id": image} if image else {}}

    passed = _passed(filter_, table({}, {}), Request.of("u1", spec, {}))

    assert passed == ["h1"] * passes_others + ["h2"] * passes_isolated
    assert filter_.named_hosts == ("h2", "nowhere")


_ratios = st.sampled_from(["0", "0.5", "1", "1.5", "16.0", "2, 1", "lots", "-1", "nan", "inf"])
_metas = st.lists(
    st.dictionaries(
        st.sampled_from(["ram_allocation_ratio", "cpu_allocation_ratio", "disk_allocation_ratio"]),
        _ratios,
    ),
    max_size=2,
)
_fleets = st.lists(
    st.fixed_dictionaries(
        {
            "aggregates": _metas,
            "total": st.integers(0, 64),
            "limit": st.integers(0, 64),
            "reserved": st.integers(0, 4),
            "used": st.integers(0, 64),
        }
    ),
    min_size=1,
    max_size=6,
)


def _least(metas: Sequence[Mapping[str, str]], key: str) -> float | None:
    texts = [meta[key] for meta in metas if key in meta]
    if {"2, 1", "lots", "nan", "inf"}.intersection(texts):
        return None
    return min(map(float, texts), default=None)


def _limit(host: Mapping[str, Any], key: str) -> int:
    ratio = _least(host["aggregates"], key)
    own: int = host["limit"]
    return own if ratio is None else max(int(host["total"] * ratio) - int(host["reserved"]), 0)


@pytest.mark.parametrize(
    ("name", "of", "key", "asked"),
    [
        ("AggregateRamFilter", "memory_mb", "ram_allocation_ratio", {"ram_mb": 8}),
        ("AggregateCoreFilter", "vcpus", "cpu_allocation_ratio", {"vcpus": 8}),
        ("AggregateDiskFilter", "disk_gb", "disk_allocation_ratio", {"root_gb": 8}),
    ],
)
@given(fleet=_fleets)
def test_a_host_is_filled_as_far_as_the_ratios_of_its_aggregates_say(
    name: str, of: str, key: str, asked: dict[str, int], fleet: list[dict[str, Any]]
) -> None:
    names = _NAMES[: len(fleet)]
    hosts = table(
        *(
            {
                of: host["total"],
                f"{of}_limit": host["limit"],
                f"{of}_used": host["used"],
                f"reserved_{of}": host["reserved"],
            }
            for host in fleet
        ),
        aggregates={n: h["aggregates"] for n, h in zip(names, fleet, strict=True)},
    )
    filter_, wish = _filter(name), request(**asked)  # type: ignore[arg-type]

    limits = [_limit(host, key) for host in fleet]

    assert _passed(filter_, hosts, wish) == [
        n for n, lim, h in zip(names, limits, fleet, strict=True) if lim - h["used"] >= 8
    ]
    assert filter_.limits(hosts, wish, slice(None))[of].tolist() == limits
    for place, limit in enumerate(limits):
        assert filter_.limits(hosts, wish, slice(place, place + 1))[of].tolist() == [limit]


def test_swap_counts_for_the_disk_at_the_ratio_of_an_aggregate() -> None:
    hosts = table({"disk_gb": 10}, aggregates={"h1": [{"disk_allocation_ratio": "0.5"}]})
    filter_ = _filter("AggregateDiskFilter")

    assert _passed(filter_, hosts, request(root_gb=4, swap_mb=_GIGA)) == ["h1"]
    assert _passed(filter_, hosts, request(root_gb=4, swap_mb=_GIGA + 1)) == []
