"""Where servers land by the examples that people know, command by command.

A module that has fixtures `cloud` (with four hosts) and `shell` takes the tests of this one over
by importing `*`.
"""

import json
from collections.abc import Iterator

import pytest

from tests.functional.client_shell import Shell
from tests.functional.clouds import Cloud
from tests.functional.placing import Placing, check

__all__ = [
    "placing",
    "test_a_flavor_of_fast_disks_lands_in_the_aggregate_that_has_them",
    "test_a_refused_boot_is_told_of_in_the_same_words_everywhere",
    "test_windows_fills_one_host_while_linux_spreads",
]


@pytest.fixture
def placing(cloud: Cloud, shell: Shell) -> Iterator[Placing]:
    made = Placing(cloud, shell)
    yield made
    made.clear()


def test_a_flavor_of_fast_disks_lands_in_the_aggregate_that_has_them(
    shell: Shell, placing: Placing
) -> None:
    shell.ok("aggregate create --zone nova fast-io")
    shell.ok("aggregate set --property ssd=true fast-io")
    shell.ok("aggregate add host fast-io node1")
    shell.ok("aggregate add host fast-io node2")
    shell.ok("flavor create --id 6 --ram 8192 --disk 80 --vcpus 4 ssd.large")
    shell.ok("flavor set --property ssd=true ssd.large")

    for _ in range(2):
        check(placing, "--flavor ssd.large", "node1 node2")

    shell.ok("aggregate unset --property ssd fast-io")
    check(placing, "--flavor ssd.large", "refused by: AggregateInstanceExtraSpecsFilter 4")


def test_windows_fills_one_host_while_linux_spreads(placing: Placing) -> None:
    negative = " ".join(
        f"--property {name}_weight_multiplier=-1.0" for name in ("ram", "cpu", "disk")
    )
    raw = "image create --disk-format raw --file /dev/null"
    placing.given(
        f"aggregate create --property os_type=windows {negative} windows",
        "aggregate add host windows node1",
        "aggregate add host windows node2",
        "aggregate create --property os_type=linux linux",
        "aggregate add host linux node3",
        "aggregate add host linux node4",
        f"{raw} --property os_type=windows win",
        f"{raw} --property os_type=linux lin",
    )

    windows = [placing.boot(f"w{n}", "--image win --flavor m1.tiny") for n in range(4)]
    linux = [placing.boot(f"l{n}", "--image lin --flavor m1.tiny") for n in range(4)]

    assert windows in (["node1"] * 4, ["node2"] * 4)
    assert sorted(linux) == ["node3", "node3", "node4", "node4"]


def test_a_refused_boot_is_told_of_in_the_same_words_everywhere(
    cloud: Cloud, shell: Shell, placing: Placing
) -> None:
    shell.ok("flavor create --ram 64 --disk 1 --vcpus 1 --property tape=true tape")
    query = 'query=["<=","$host","node3"]'

    sentence = placing.boot("nowhere", f"--flavor tape --hint '{query}'")
    shown = shell.ok("server show nowhere -c status -c fault")
    why = " ".join(cloud.call("explain", "nowhere").split())
    again = cloud.call("whatif", "--flavor", "tape", "--hint", query, wants=4)
    kept = json.loads(cloud.call("explain", "nowhere", "--format", "json"))["last"]

    assert sentence == (
        "No valid host was found. There are not enough hosts available. "
        "Of 4 hosts, refused by: AggregateInstanceExtraSpecsFilter 4."
    )
    assert "ERROR" in shown
    assert "NO_VALID_HOST" in shown
    assert "AggregateInstanceExtraSpecsFilter tape: true" in why
    assert "AggregateInstanceExtraSpecsFilter 4" in again
    assert kept["reasons"] == [{"reason": "AggregateInstanceExtraSpecsFilter", "hosts": 4}]
