"""The real client says on what hosts its servers go: the examples of the books on Nova."""

from collections.abc import Iterator

import pytest

from tests.functional.boot_cloud import eventually
from tests.functional.client_shell import Shell
from tests.functional.clouds import Cloud

_FILTERS = (
    "RetryFilter,AvailabilityZoneFilter,ComputeFilter,RamFilter,CoreFilter,DiskFilter,"
    "ComputeCapabilitiesFilter,ImagePropertiesFilter,AggregateInstanceExtraSpecsFilter,"
    "AggregateMultiTenancyIsolation,JsonFilter"
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("placing") / "state")
    made.up("--hosts", "4", "--set", f"filter_scheduler.enabled_filters={_FILTERS}")
    yield made
    made.down()


def _host_of(shell: Shell, name: str, flavor: str, more: str = "") -> str:
    made = shell.json(f"server create --image cirros --flavor {flavor} {more} --wait {name}")
    host: str = made["OS-EXT-SRV-ATTR:host"]
    return host


def test_a_flavor_of_fast_disks_lands_in_the_aggregate_that_has_them(shell: Shell) -> None:
    shell.ok("aggregate create --zone nova fast-io")
    shell.ok("aggregate set --property ssd=true fast-io")
    for host in ("node1", "node2"):
        shell.ok(f"aggregate add host fast-io {host}")
    shell.ok("flavor create ssd.large --id 6 --ram 8192 --disk 80 --vcpus 4")
    shell.ok("flavor set --property ssd=true ssd.large")

    landed = [_host_of(shell, f"ssd{number}", "ssd.large") for number in range(2)]

    assert set(landed) <= {"node1", "node2"}


def test_without_such_an_aggregate_no_host_is_valid(shell: Shell) -> None:
    shell.ok("flavor create tape.large --ram 64 --disk 1 --vcpus 1")
    shell.ok("flavor set --property aggregate_instance_extra_specs:tape=true tape.large")

    shell.run("server create --image cirros --flavor tape.large --wait nowhere")

    fault = shell.json("server show nowhere")["fault"]
    assert "No valid host was found" in str(fault)
    assert "AggregateInstanceExtraSpecsFilter 4" in str(fault)


def test_an_aggregate_for_a_project_takes_nobody_else(shell: Shell) -> None:
    shell.ok("aggregate create theirs")
    shell.ok("aggregate set --property filter_tenant_id=another theirs")
    for host in ("node1", "node2", "node3"):
        shell.ok(f"aggregate add host theirs {host}")

    assert _host_of(shell, "mine", "m1.nano") == "node4"

    shell.ok("aggregate unset --property filter_tenant_id theirs")


def test_an_image_for_another_machine_fits_nowhere(shell: Shell) -> None:
    shell.ok(
        "image create --property hw_architecture=aarch64 --disk-format raw --file /dev/null a"
    )

    shell.run("server create --image a --flavor m1.nano --wait arm")

    assert "ImagePropertiesFilter" in str(shell.json("server show arm")["fault"])


def test_a_query_chooses_among_the_hosts_by_their_facts(shell: Shell) -> None:
    query = '["and",[">=","$free_ram_mb",1024],["in","$host","node3","node9"]]'

    assert _host_of(shell, "asked", "m1.nano", f"--hint query={query}") == "node3"


def test_what_is_no_query_is_refused_at_once(shell: Shell) -> None:
    said = shell.run("server create --image cirros --flavor m1.nano vague", "--hint", 'query=["')

    assert said.code == 1
    assert "query is not JSON" in said.err
    assert shell.run("server show vague").code == 1


def test_a_server_that_may_wait_is_in_build_until_a_host_is_back(shell: Shell) -> None:
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
