"""The table of hosts: facts come and go, places stay."""

from minicloud.scheduler.columns import NUMBERS
from minicloud.scheduler.hosts import HostFacts
from tests.unit.scheduler.hosts import request, table


def test_what_is_taken_counts_until_the_books_tell_better() -> None:
    hosts = table({}, {})

    hosts.take(0, request(vcpus=2, ram_mb=1024, root_gb=5))

    assert hosts.free_vcpus.tolist() == [62, 64]
    assert hosts.free_ram_mb.tolist() == [7168, 8192]
    assert hosts.free_disk_mb.tolist() == [95 * 1024, 100 * 1024]
    assert hosts.num_instances.tolist() == [1, 0]
    assert hosts.num_io_ops.tolist() == [1, 0]


def test_newer_facts_replace_older_ones_in_place() -> None:
    hosts = table({}, {})
    numbers = dict.fromkeys(NUMBERS, 0)

    hosts.update([HostFacts("h2", "other", "agent-2", {**numbers, "memory_mb_limit": 77})])

    assert hosts.names == ["h1", "h2"]
    assert hosts.free_ram_mb.tolist() == [8192, 77]
    assert (hosts.nodes[1], hosts.agents[1]) == ("other", "agent-2")


def test_a_host_that_joins_later_is_down_until_it_is_seen() -> None:
    hosts = table({})
    numbers = dict.fromkeys(NUMBERS, 1)

    hosts.update([HostFacts("h2", "n", "agent", numbers)])

    assert hosts.up.tolist() == [True, False]
    assert hosts.enabled.tolist() == [True, True]
    assert hosts.zones.told(str).tolist() == ["nova", "nova"]


def test_hosts_that_nobody_knows_are_in_no_mask() -> None:
    hosts = table({}, {})

    assert hosts.mask_of(["h2", "nobody"]).tolist() == [False, True]
    assert hosts.place_of("nobody") is None


def test_a_copy_compares_its_own_names_whatever_becomes_of_the_table() -> None:
    hosts = table(*[{}] * 5)
    assert len(hosts.ranks.of("node").column("node")) == 5
    copy = hosts.copy()

    hosts.keep_only({"h3", "h4"})

    assert copy.ranks.of("host").column("host").size == 5
