"""Addresses and names of hosts as numbers say what the texts say, and follow changes."""

import operator
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicloud.scheduler.addresses import Addresses
from minicloud.scheduler.hosts import HostFacts
from minicloud.scheduler.ranks import Ranks
from tests.unit.scheduler.hosts import table

_v4, _v6 = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)
_near = st.sampled_from(["10.0.0.1", "10.0.1.1", "10.1.0.1", "fd00::1", "fd00:0:0:1::1", "::1"])
_nets = st.tuples(_near | _v4, st.integers(0, 32)) | st.tuples(_v6, st.integers(0, 128))


@given(texts=st.lists(_near | _v4 | _v6 | st.sampled_from(["", "here", "1.2.3"])), net=_nets)
def test_addresses_are_in_a_network_as_the_library_says(
    texts: list[str], net: tuple[str, int]
) -> None:
    network = ip_network(f"{net[0]}/{net[1]}", strict=False)

    def plain(text: str) -> bool:
        try:
            return ip_address(text) in network
        except ValueError:
            return False

    assert Addresses(texts).within(network).tolist() == [plain(text) for text in texts]


@pytest.mark.parametrize(
    "holds", [operator.eq, operator.lt, operator.le, operator.gt, operator.ge]
)
@given(
    hosts=st.lists(st.text("abé", max_size=3), min_size=1),
    nodes=st.lists(st.text("abé", max_size=3), min_size=1),
    text=st.text("abcé", max_size=3),
)
def test_names_are_in_the_order_of_texts(
    holds: Callable[[object, object], bool], hosts: list[str], nodes: list[str], text: str
) -> None:
    ranks = Ranks({"host": hosts, "node": nodes}.__getitem__).of("host", "node")
    both = min(len(hosts), len(nodes))

    found = holds(ranks.column("host"), ranks.of(text))
    pairs = holds(ranks.column("host")[:both], ranks.column("node")[:both])

    assert np.asarray(found).tolist() == [holds(name, text) for name in hosts]
    assert np.asarray(pairs).tolist() == [holds(*pair) for pair in zip(hosts, nodes, strict=False)]


def test_a_host_that_changes_its_address_or_node_is_known_by_the_new_one() -> None:
    hosts = table({}, {})
    inside = ip_network("10.0.0.0/8")
    before = hosts.addresses.within(inside).tolist(), hosts.ranks.of("node").of("new") % 2

    hosts.update([HostFacts("h2", "new", "agent", {}, host_ip="10.0.0.2")])

    assert before == ([False, False], 0)
    assert hosts.addresses.within(inside).tolist() == [False, True]
    ranking = hosts.ranks.of("node")
    assert ranking.column("node").tolist()[1] == ranking.of("new")


def test_a_limit_at_another_ratio_keeps_the_reserve() -> None:
    hosts = table(
        {"memory_mb": 1000, "memory_mb_limit": 900, "reserved_memory_mb": 100},
        {"memory_mb": 1000, "memory_mb_limit": 1400, "reserved_memory_mb": 100},
        {"memory_mb": 1000, "memory_mb_limit": 900, "reserved_memory_mb": 2000},
        {"memory_mb": 1000},
    )

    limits = hosts.limit_at("memory_mb", np.array([1.5, np.nan, 1.5, 1e300]))

    assert limits.tolist() == [1400, 1400, 0, 2**31 - 1]
