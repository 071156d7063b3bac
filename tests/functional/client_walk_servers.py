"""What the real client does with servers: every action, every list, and what is refused.

A module that has a fixture `cloud` takes the tests of this one over by importing `*`. `--wait`
looks every five seconds; where the client need not wait, the tests look themselves.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.client_shell import Shell, environment
from tests.functional.clouds import Cloud

NANO = ("--image", "cirros", "--flavor", "m1.nano")

__all__ = [
    "servers_shell",
    "test_a_server_is_made_with_all_that_can_be_wished",
    "test_a_server_is_moved_and_its_migrations_are_told",
    "test_a_server_is_paused_suspended_locked_rescued_and_shelved",
    "test_a_server_is_photographed_and_kept",
    "test_a_server_is_rebuilt_resized_and_taken_back",
    "test_a_server_leaves_a_host_that_is_down",
    "test_an_operator_looks_into_a_server_and_sets_it_right",
    "test_each_version_shows_a_server_in_its_own_way",
    "test_servers_are_listed_in_every_way",
    "test_what_cannot_be_is_refused_with_the_reason",
    "test_what_needs_other_services_is_refused",
]


@pytest.fixture(scope="module")
def servers_shell(cloud: Cloud) -> Iterator[Shell]:
    made = Shell(environment(cloud))
    yield made
    made.close()


def test_a_server_is_made_with_all_that_can_be_wished(
    servers_shell: Shell, tmp_path: Path
) -> None:
    shell, script = servers_shell, tmp_path / "script"
    script.write_text("#!/bin/sh\necho hello\n")
    shell.ok("keypair create --private-key", str(tmp_path / "id"), "wished")
    made = shell.json(
        "server create --config-drive True --availability-zone nova --key-name wished",
        *NANO,
        *("--property", "colour=blue", "--hint", "near=far", "--description", "of many words"),
        *("--tag", "web", "--nic", "none", "--user-data", str(script), "--password", "Secret1"),
        *("--hostname", "named", "--host", "node2", "wished"),
    )
    assert made["adminPass"] == "Secret1"

    shown = _when(shell, "wished", "ACTIVE")
    many = shell.json("server create --min 2 --max 3 --nic auto", *NANO, "many")
    wants = {
        "OS-EXT-AZ:availability_zone": "nova",
        "OS-EXT-SRV-ATTR:host": "node2",
        "OS-EXT-SRV-ATTR:hostname": "named",
        "config_drive": "True",
        "description": "of many words",
        "key_name": "wished",
        "properties": {"colour": "blue"},
        "scheduler_hints": {"near": "far"},
        "tags": ["web"],
    }
    assert {key: shown[key] for key in wants} == wants
    assert many["name"] == "many-1"
    names = [f"many-{number}" for number in (1, 2, 3)]
    listed = shell.json("server list --name ^many")
    assert {each["Name"] for each in listed} == set(names)
    for name in names:
        assert _when(shell, name, "ACTIVE")["addresses"], name
    _delete(shell, "wished", *names)
    shell.ok("keypair delete wished")


def test_a_server_is_paused_suspended_locked_rescued_and_shelved(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "stiff")
    for command, status in (
        ("pause", "PAUSED"),
        ("unpause", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("resume", "ACTIVE"),
        ("rescue --image cirros", "RESCUE"),
        ("unrescue", "ACTIVE"),
        ("shelve", "SHELVED_OFFLOADED"),
        ("unshelve --availability-zone nova", "ACTIVE"),
    ):
        shell.ok(f"server {command} stiff")
        _when(shell, "stiff", status)

    shell.ok("server lock --reason because stiff")
    shown = shell.json("server show stiff")
    assert (shown["locked"], shown["locked_reason"]) == (True, "because")
    assert [s["Name"] for s in shell.json("server list --locked")] == ["stiff"]
    shell.ok("server unlock stiff")
    assert shell.json("server show stiff")["locked"] is False

    _delete(shell, "stiff")


def test_a_server_is_rebuilt_resized_and_taken_back(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "shape")

    shell.ok("server rebuild --wait shape")
    words = ("--property", "a=b", "--description", "new", "--password", "Secret1")
    built = shell.json("server rebuild --image cirros --name shaped", *words, "shape")
    assert (built["name"], built["adminPass"]) == ("shaped", "Secret1")
    shown = _when(shell, "shaped", "ACTIVE")
    assert (shown["properties"], shown["description"]) == ({"a": "b"}, "new")

    shell.ok("server resize --wait --flavor m1.micro shaped")
    assert shell.json("server show shaped")["status"] == "VERIFY_RESIZE"
    shell.ok("server resize confirm shaped")
    assert _when(shell, "shaped", "ACTIVE")["flavor"]["name"] == "m1.micro"
    shell.ok("server resize --flavor m1.nano shaped")
    _when(shell, "shaped", "VERIFY_RESIZE")
    shell.ok("server resize revert shaped")
    assert _when(shell, "shaped", "ACTIVE")["flavor"]["name"] == "m1.micro"
    same = shell.run("server resize --flavor m1.micro shaped")
    assert (same.code, "must change flavor" in same.err) == (1, True), same
    _delete(shell, "shaped")


def test_a_server_is_moved_and_its_migrations_are_told(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "mover", "--host", "node1")

    shell.ok("server migrate --host node2 mover")
    _when(shell, "mover", "VERIFY_RESIZE")
    shell.ok("server migration confirm mover")
    assert _when(shell, "mover", "ACTIVE")["OS-EXT-SRV-ATTR:host"] == "node2"
    shell.ok("server migrate mover")
    _when(shell, "mover", "VERIFY_RESIZE")
    shell.ok("server migrate revert mover")
    assert _when(shell, "mover", "ACTIVE")["OS-EXT-SRV-ATTR:host"] == "node2"
    shell.ok("server migrate --wait --live-migration --host node3 mover")
    assert _when(shell, "mover", "ACTIVE")["OS-EXT-SRV-ATTR:host"] == "node3"

    told = shell.json("server migration list --server mover")
    ways = [(each["Type"], each["Status"], each["Source Compute"]) for each in told]
    assert ways == [
        ("live-migration", "completed", "node2"),
        ("migration", "reverted", "node2"),
        ("migration", "confirmed", "node1"),
    ]
    only = shell.json("server migration list --type live-migration --status completed")
    assert told[0]["UUID"] in [each["UUID"] for each in only]
    for command in ("abort", "force complete"):
        over = shell.run(f"server migration {command} mover {told[0]['Id']}")
        assert (over.code, "not found" in over.err) == (1, True), over
    _delete(shell, "mover")


def test_a_server_leaves_a_host_that_is_down(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "refugee", "--host", "node3")
    early = shell.run("server evacuate refugee")
    assert (early.code, "still in use" in early.err) == (1, True), early

    shell.ok("compute service set --down node3 nova-compute")
    shell.ok("server evacuate refugee")
    shown = _when(shell, "refugee", "SHUTOFF")  # it stays off, from 2.95 on
    for _ in range(200):  # refused until the host has cleaned up
        if shell.run("compute service set --up node3 nova-compute").code == 0:
            break

    assert shown["OS-EXT-SRV-ATTR:host"] in ("node1", "node2")
    kinds = [m["Type"] for m in shell.json("server migration list --server refugee")]
    assert kinds == ["evacuation"]
    _delete(shell, "refugee")


def test_a_server_is_photographed_and_kept(servers_shell: Shell) -> None:
    shell = servers_shell
    made = _made(shell, "model")

    shell.ok("server image create --name picture --property by=hand --wait model")
    _when(shell, "model", "ACTIVE")
    picture = shell.json("image show picture")
    assert picture["status"] == "active"
    assert picture["properties"]["image_type"] == "snapshot"
    assert picture["properties"]["by"] == "hand"
    assert picture["properties"]["instance_uuid"] == made["id"]
    again = shell.json("server create --image picture --flavor m1.nano copy")
    assert _when(shell, again["name"], "ACTIVE")["image"].startswith("picture")

    for name in ("monday", "tuesday", "wednesday"):
        shell.ok(f"server backup create --name {name} --type daily --rotate 2 model")
        _when(shell, "model", "ACTIVE")
    kept = {each["Name"] for each in shell.json("image list")}
    assert kept & {"monday", "tuesday", "wednesday"} == {"tuesday", "wednesday"}
    events = [each["Action"] for each in shell.json("server event list model")]
    assert events == ["createBackup"] * 3 + ["createImage", "create"]
    _delete(shell, "model", "copy")
    shell.ok("image delete picture tuesday wednesday")


def test_an_operator_looks_into_a_server_and_sets_it_right(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "patient")

    shell.ok("server set --state error --auto-approve patient")
    assert shell.json("server show patient")["status"] == "ERROR"
    shell.ok("server set --state active --auto-approve patient")
    shell.ok("server set --password Secret2 --hostname bed --description ill patient")
    shown = _when(shell, "patient", "ACTIVE")
    assert (shown["OS-EXT-SRV-ATTR:hostname"], shown["description"]) == ("bed", "ill")
    shell.ok("server unset --description patient")
    assert shell.json("server show patient")["description"] in (None, "")
    looked = shell.json("server show --diagnostics patient")
    assert (looked["num_cpus"], looked["state"]) == (1, "running")
    assert shell.run("server show --topology patient --os-compute-api-version 2.78").code == 0
    assert "login:" in shell.ok("console log show --lines 2 patient")
    for kind, protocol in (("--novnc", "vnc"), ("--spice", "spice"), ("--serial", "serial")):
        address = shell.json(f"console url show {kind} patient")
        assert address["protocol"] == protocol
        assert address["url"].startswith(("http", "ws"))
    assert shell.json("server volume list patient") == []
    assert shell.json("server share list patient") == []
    assert shell.run("server dump create patient").code == 1
    shell.ok("server delete --force patient")
    _gone(shell, "patient")


def test_servers_are_listed_in_every_way(servers_shell: Shell) -> None:
    shell = servers_shell
    first = _made(shell, "l-one", "--host", "node1", "--tag", "web", "--property", "a=b")
    _made(shell, "l-two", "--host", "node2")
    shell.ok("server stop l-two")
    _when(shell, "l-two", "SHUTOFF")

    one, two, both = ["l-one"], ["l-two"], ["l-one", "l-two"]
    (address,) = first["addresses"].values()
    for query, wants in (
        ("", both),
        ("--name ^l-t", two),
        ("--status SHUTOFF", two),
        ("--status ERROR", []),
        ("--host node1", one),
        ("--flavor m1.nano", both),
        ("--flavor m1.tiny", []),
        ("--image cirros", both),
        ("--availability-zone nova", both),
        ("--project admin", both),
        ("--user admin", both),
        ("--all-projects", both),
        ("--vm-state stopped", two),
        ("--power-state running", one),
        ("--power-state shutdown", two),
        ("--tags web", one),
        ("--not-tags web", two),
        ("--tags web --status SHUTOFF", []),
        ("--unlocked", both),
        ("--locked", []),
        ("--changes-since 2020-01-01T00:00:00Z --name l-one", one),
        ("--changes-before 2020-01-01T00:00:00Z", []),
        ("--limit 1", two),  # the newest
        ("--marker l-two", one),
        (f"--ip ^{address[0]}$", one),
        (f"--reservation-id {first['OS-EXT-SRV-ATTR:reservation_id']}", one),
        ("--no-name-lookup", both),
        ("--long", both),
    ):
        named = sorted(each["Name"] for each in shell.json(f"server list {query}"))
        assert named == wants, query

    (long,) = shell.json("server list --long --name l-one")
    wants_long = {
        "Status": "ACTIVE",
        "Power State": 1,
        "Task State": None,
        "Image Name": "cirros",
        "Flavor": "m1.nano",
        "Availability Zone": "nova",
        "Host": "node1",
        "Properties": {"a": "b"},
        "Networks": first["addresses"],
    }
    assert {key: long[key] for key in wants_long} == wants_long
    _delete(shell, "l-one", "l-two")
    deleted = {each["Name"] for each in shell.json("server list --deleted --status DELETED")}
    assert {"l-one", "l-two"} <= deleted


def test_what_cannot_be_is_refused_with_the_reason(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "firm")
    absent = "server create --image cirros --flavor m1.nano"
    for command, reason in (
        ("server show nobody", "No Server found for nobody"),
        ("server stop nobody", "No Server found for nobody"),
        ("server delete nobody", "No Server found for nobody"),
        ("server create --image cirros --flavor none x", "No Flavor found for none"),
        ("server create --image none --flavor m1.nano x", "No Image found for none"),
        (f"{absent} --key-name none x", "Invalid key_name provided"),
        (f"{absent} --availability-zone none x", "availability zone is not available"),
        (f"{absent} --host none x", "none"),
        (f"{absent} --min 99 --max 99 x", "Quota exceeded for cores, instances"),
        (f"{absent} --hint group=00000000-0000-0000-0000-000000000000 x", "400"),
        (f"{absent} --trusted-image-cert abc x", "certificates are not supported"),
        ("server start firm", "while it is in vm_state active"),
        ("server unpause firm", "while it is in vm_state active"),
        ("server resize confirm firm", "while it is in vm_state active"),
        ("server restore firm", "while it is in vm_state active"),
        ("server resize --flavor m1.nano firm", "must change flavor"),
        ("server migrate --live-migration --host none firm", "none"),
        ("server set --hostname not_a_name! firm", "400"),
        ("server event show firm req-none", "req-none"),
        ("console connection show none", "none"),
    ):
        said = shell.run(command)
        assert (said.code, reason in said.err) == (1, True), (command, said)
    assert shell.json("server show firm")["status"] == "ACTIVE"
    _delete(shell, "firm")


def test_what_needs_other_services_is_refused(servers_shell: Shell) -> None:
    shell = servers_shell
    _made(shell, "alone")
    for command in (
        "server create --image cirros --flavor m1.nano --boot-from-volume 1 x",
        "server add volume alone v",
        "server remove volume alone v",
        "server add network alone n",
        "server add port alone p",
        "server remove port alone p",
        "server add fixed ip alone n",
        "server add floating ip alone 192.0.2.1",
        "server add security group alone s",
        "compute agent list",
    ):
        assert shell.run(command).code == 1, command
    assert shell.json("server show alone")["status"] == "ACTIVE"
    _delete(shell, "alone")


def test_each_version_shows_a_server_in_its_own_way(servers_shell: Shell) -> None:
    shell = servers_shell
    made = _made(shell, "aged", "--description", "words")
    for version in ("2.1", "2.37", "2.60", "2.79", "2.96", "2.104"):
        at = ("--os-compute-api-version", version)
        minor = int(version[2:])

        shown = shell.json("server show", made["id"], *at)
        listed = shell.json("server list --name ^aged$", *at)

        assert (shown["name"], shown["status"]) == ("aged", "ACTIVE"), version
        assert shown["description"] == ("words" if minor >= 19 else None), version
        assert isinstance(shown["flavor"], dict) == (minor >= 47), version
        assert (shown["locked"] is False) == (minor >= 9), version
        assert [each["ID"] for each in listed] == [made["id"]], version
        for command in ("flavor show m1.nano", "hypervisor show node1", "keypair list"):
            assert shell.run(command, *at).code == 0, (command, version)
        for command in ("compute service list", "server group list", "server migration list"):
            assert shell.run(command, *at).code == 0, (command, version)
        for command in ("server event list aged", "quota show", "usage list", "aggregate list"):
            assert shell.run(command, *at).code == 0, (command, version)
        without = ("--nic", "none") if minor >= 37 else ()
        shell.ok("server create", *NANO, *without, *at, "at-that")
        assert bool(_when(shell, "at-that", "ACTIVE")["addresses"]) == (minor < 37), version
        _delete(shell, "at-that")
    _delete(shell, "aged")


def _made(shell: Shell, name: str, *words: str) -> dict[str, Any]:
    shell.ok("server create", *NANO, *words, name)
    return _when(shell, name, "ACTIVE")


def _when(shell: Shell, name: str, status: str) -> dict[str, Any]:
    """The server as it is shown when it has come to this status, with nothing left to do."""
    for _ in range(200):
        shown: dict[str, Any] = shell.json(f"server show {name}")
        if shown["status"] == status and shown["OS-EXT-STS:task_state"] is None:
            return shown
        assert status == "ERROR" or shown["status"] != "ERROR", shown
    raise AssertionError(f"{name} does not become {status}: {shown}")


def _gone(shell: Shell, *names: str) -> None:
    for _ in range(200):
        if not set(names) & {each["Name"] for each in shell.json("server list -n")}:
            return
    raise AssertionError(f"{names} do not go away")


def _delete(shell: Shell, *names: str) -> None:
    shell.ok("server delete", *names)
    _gone(shell, *names)
