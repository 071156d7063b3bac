"""The real client says on what hosts its servers go: every hint, key and property there is."""

from collections.abc import Iterator

import pytest

from tests.functional.boot_cloud import eventually
from tests.functional.client_shell import Shell
from tests.functional.clouds import Cloud
from tests.functional.placing import Placing, check, settings
from tests.functional.placing_cases import CASES, OPERATORS, TIERS, WEIGHTS, on, weighed

pytest.register_assert_rewrite("tests.functional.client_walk_placing")
from tests.functional.client_walk_placing import *  # noqa: E402, F403


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("placing") / "state")
    made.up("--hosts", "4", *settings("GroupAntiAffinityFilter"))
    yield made
    made.down()


@pytest.mark.parametrize("name", CASES)
def test_servers_go_where_it_is_said(placing: Placing, name: str) -> None:
    case = CASES[name]
    placing.given(*case.given)

    for wishes, wanted in case.boots:
        check(placing, wishes, wanted)


def test_every_operator_chooses_among_the_values_of_aggregates(placing: Placing) -> None:
    placing.given(*TIERS)

    for spec, wanted in OPERATORS:
        key = "aggregate_instance_extra_specs:tier"
        placing.given(f"flavor set --property '{key}={spec}' special")
        check(placing, "--flavor special", wanted)


@pytest.mark.parametrize("name", WEIGHTS)
def test_aggregates_say_what_counts_on_their_hosts(placing: Placing, name: str) -> None:
    given, multiplier, wishes, best = WEIGHTS[name]
    placing.given(*given, *weighed(multiplier))

    check(placing, wishes, best, by="weight")


def test_hosts_where_builds_failed_are_avoided_or_sought(placing: Placing) -> None:
    failed = placing.boot("broken", "--availability-zone :node4 --property fake:fail_spawn=*")
    assert "node" not in failed.split()

    check(placing, "", "node1 node2 node3", by="weight")
    placing.given(*weighed("build_failure_weight_multiplier=-1.0"))
    check(placing, "", "node4", by="weight")


def test_hosts_that_are_busy_are_avoided_or_sought(placing: Placing) -> None:
    for seconds in (8, 40):  # the second only where this machine is busy as well
        placing.began("slow", f"--availability-zone :node2 --property fake:spawn_s={seconds}")
        try:
            _avoid_and_seek(placing)
        except AssertionError:
            if placing.shown("slow")["status"] == "BUILD" or seconds == 40:
                raise
            placing.clear()
        else:
            return


def _avoid_and_seek(placing: Placing) -> None:
    """What is said of a host that builds all the while."""
    placing.given(*weighed("max_io_ops_per_host=1"))
    check(placing, "", "node1 node3 node4")
    check(placing, on("node2"), "AggregateIoOpsFilter 1")
    placing.given(
        "aggregate unset --property max_io_ops_per_host some",
        "aggregate set --property io_ops_weight_multiplier=100 some",
    )
    check(placing, "", "node2", by="weight")


def test_a_group_that_is_only_a_name_is_kept_apart(placing: Placing) -> None:
    web = "--hint group=web"
    check(placing, "--availability-zone :node1 " + web, "node1")
    check(placing, web, "node2 node3 node4")
    check(placing, f"{web} {on('node1')}", "GroupAntiAffinityFilter 1")
    check(placing, f"--hint group=db {on('node1')}", "node1")


def test_an_aggregate_for_a_project_takes_nobody_else(placing: Placing) -> None:
    placing.given(
        "aggregate create --property filter_tenant_id={demo} theirs",
        "aggregate add host theirs node1",
    )
    demo = "--os-username demo --os-project-name demo"

    assert placing.boot("theirs", f"{demo} {on('node1')}") == "node1"
    check(placing, on("node1"), "AggregateMultiTenancyIsolation 1")
    told = placing.what_if(f"--project demo {on('node1')}")
    assert told is not None
    assert told["hosts"] == ["node1"]


def test_a_server_that_may_wait_is_in_build_until_a_host_is_back(
    placing: Placing, shell: Shell
) -> None:
    hosts = [one["Host"] for one in shell.json("compute service list --service nova-compute")]
    for host in hosts:
        shell.ok(f"compute service set --disable {host} nova-compute")

    shell.ok("server create --image cirros --flavor m1.nano --hint pending_timeout=600 patient")
    waiting = eventually(lambda: _in_task(shell, "patient", "pending"))
    for host in hosts:
        shell.ok(f"compute service set --enable {host} nova-compute")
    running = eventually(lambda: _in_task(shell, "patient", None))

    assert waiting["status"] == "BUILD"
    assert running["status"] == "ACTIVE"


def _in_task(shell: Shell, name: str, task: str | None) -> dict[str, object] | None:
    shown: dict[str, object] = shell.json(f"server show {name}")
    return shown if shown["OS-EXT-STS:task_state"] == task else None
