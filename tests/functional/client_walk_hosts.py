"""What the real client does with server groups, services, hypervisors, aggregates and zones.

A module that has a fixture `cloud` takes the tests of this one over by importing `*`.
"""

import json
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from minicloud.cmd import manage_service
from minicloud.errors import CannotStart
from tests.functional.client_shell import Shell, environment, executable
from tests.functional.clouds import Cloud
from tests.functional.managing import called

NANO = ("--image", "cirros", "--flavor", "m1.nano")

__all__ = [
    "hosts_shell",
    "test_an_aggregate_from_creation_to_deletion",
    "test_client_api_and_command_say_the_same_of_a_service",
    "test_hypervisors_are_listed_shown_and_summed_up",
    "test_server_groups_keep_servers_apart",
    "test_services_are_disabled_called_down_and_removed",
    "test_zones_are_listed_with_their_services",
]


@pytest.fixture(scope="module")
def hosts_shell(cloud: Cloud) -> Iterator[Shell]:
    made = Shell(environment(cloud))
    yield made
    made.close()


def test_server_groups_keep_servers_apart(cloud: Cloud, hosts_shell: Shell) -> None:
    shell = hosts_shell
    made = shell.json("server group create --policy anti-affinity apart")
    rule = ("--rule", "max_server_per_host=2")
    two = shell.json("server group create --policy anti-affinity", *rule, "two")
    soft = shell.json("server group create --policy soft-affinity near")
    assert (made["policy"], two["rules"]) == ("anti-affinity", {"max_server_per_host": 2})

    by_hint = ("--hint", f"group={made['id']}")
    for name, words in (("a1", by_hint), ("a2", ("--server-group", "apart")), ("a3", by_hint)):
        assert shell.json("server create --wait", *NANO, *words, name)["status"] == "ACTIVE"
    hosts = {_host(shell, name) for name in ("a1", "a2", "a3")}
    one_too_many = shell.run("server create --wait", *NANO, *by_hint, "a4")

    assert hosts == {"node1", "node2", "node3"}
    assert one_too_many.code == 1
    assert "ServerGroupAntiAffinityFilter 3" in shell.json("server show a4")["fault"]["message"]
    shown = shell.json("server group show apart")
    assert len(shown["members"]) == 4
    (member, *_others) = shown["members"]  # by its id: a name is looked up in a list, without
    assert _at(cloud, "2.71", f"server show {member}")["server_groups"] == [made["id"]]
    listed = {group["Name"]: group["Policy"] for group in shell.json("server group list")}
    assert listed == {"apart": "anti-affinity", "two": "anti-affinity", "near": "soft-affinity"}
    everything = shell.json("server group list --all-projects --long")
    assert [group["Name"] for group in everything] == ["apart", "two", "near"]

    shell.ok("server delete --wait a1 a2 a3 a4")
    shell.ok("server group delete apart two", soft["id"])
    assert shell.json("server group list") == []
    assert shell.run("server group show apart").code == 1


def test_services_are_disabled_called_down_and_removed(hosts_shell: Shell) -> None:
    shell = hosts_shell

    def service() -> tuple[str, str]:
        (one,) = shell.json("compute service list --host node3")
        return one["Status"], one["State"]

    shell.ok("compute service set --disable --disable-reason fan node3 nova-compute")
    assert service() == ("disabled", "up")
    (long,) = shell.json("compute service list --long --host node3")
    assert (long["Disabled Reason"], long["Forced Down"]) == ("fan", False)
    shell.ok("compute service set --enable node3 nova-compute")
    assert service() == ("enabled", "up")
    shell.ok("compute service set --down node3 nova-compute")
    assert service() == ("enabled", "down")
    shell.ok("compute service set --up node3 nova-compute")
    assert service() == ("enabled", "up")
    assert shell.run("compute service set --disable nowhere nova-compute").code == 1

    # A scheduler that works says so soon again; what was removed has another id then.
    (before,) = shell.json("compute service list --service nova-scheduler")
    shell.ok("compute service delete", before["ID"])
    after = shell.json("compute service list --service nova-scheduler")
    assert before["ID"] not in [one["ID"] for one in after]


def test_client_api_and_command_say_the_same_of_a_service(
    cloud: Cloud, hosts_shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell, token = hosts_shell, hosts_shell.json("token issue")["id"]

    def manage(words: str) -> str:
        return _manage(cloud, words, capsys)

    def by_all() -> tuple[str, str, str | None, bool]:
        """status, state, reason, forced down"""
        (client,) = shell.json("compute service list --long --host node2")
        (command,) = json.loads(manage("list --json --host node2"))["services"]
        (api,) = _asked(cloud, token, "/os-services?host=node2")["services"]
        names = ("Status", "State", "Disabled Reason", "Forced Down")
        keys = ("status", "state", "disabled_reason", "forced_down")
        found = tuple(api[key] for key in keys)
        assert found == tuple(client[name] for name in names)
        assert found == tuple(command[key] for key in keys)
        assert command["uuid"] == api["id"] == client["ID"]
        heard = [client["Updated At"], api["updated_at"], command["heard_at"].rstrip("Z")]
        oldest, *_others, newest = sorted(map(datetime.fromisoformat, heard))
        assert newest - oldest < timedelta(seconds=30)  # it was heard in between
        assert 0 <= command["age_s"] < 30
        return api["status"], api["state"], api["disabled_reason"], api["forced_down"]

    client = "compute service set node2 nova-compute"
    assert by_all() == ("enabled", "up", None, False)
    manage("disable node2 --reason fan")
    assert by_all() == ("disabled", "up", "fan", False)
    shell.ok(f"{client} --enable")
    assert by_all() == ("enabled", "up", None, False)
    shell.ok(f"{client} --disable --disable-reason belt")
    assert by_all() == ("disabled", "up", "belt", False)
    manage("enable node2")
    manage("force-down node2")
    assert by_all() == ("enabled", "down", None, True)
    shell.ok(f"{client} --up")
    assert by_all() == ("enabled", "up", None, False)
    shell.ok(f"{client} --down")
    manage("force-down node2 --off")
    assert by_all() == ("enabled", "up", None, False)


def _manage(cloud: Cloud, words: str, capsys: pytest.CaptureFixture[str]) -> str:
    given = ["service", *words.split()]
    return called(manage_service.add_commands, given, capsys, cloud.state.conf)


def _asked(cloud: Cloud, token: str, path: str) -> Any:
    """The API itself, without a client."""
    headers = {"X-Auth-Token": token, "OpenStack-API-Version": "compute 2.69"}
    request = urllib.request.Request(f"{cloud.url}/compute/v2.1{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_hypervisors_are_listed_shown_and_summed_up(
    cloud: Cloud, hosts_shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = hosts_shell
    shell.json("server create --wait", *NANO, "--availability-zone", "nova:node2", "h1")

    listed = {one["Hypervisor Hostname"]: one for one in shell.json("hypervisor list --long")}
    shown = shell.json("hypervisor show node2")
    stats = shell.json("hypervisor stats show")

    assert sorted(listed) == ["node1", "node2", "node3"]
    assert {one["State"] for one in listed.values()} == {"up"}
    assert [one["Hypervisor Hostname"] for one in shell.json("hypervisor list --matching node2")]
    assert (shown["hypervisor_hostname"], shown["state"]) == ("node2", "up")
    assert (stats["count"], stats["running_vms"]) == (3, 1)
    old = _at(cloud, "2.87", "hypervisor show node2")
    assert (old["running_vms"], old["aggregates"]) == (1, [])

    (service,) = shell.json("compute service list --host node2")
    refused = shell.run("compute service delete", service["ID"])
    with pytest.raises(CannotStart, match="that is hosting instances") as told:
        _manage(cloud, "delete node2", capsys)
    assert str(told.value) in refused.err
    shell.ok("server delete --wait h1")


def test_an_aggregate_from_creation_to_deletion(hosts_shell: Shell) -> None:
    shell = hosts_shell
    made = shell.json("aggregate create --zone east --property ssd=true fast")
    assert (made["name"], made["availability_zone"]) == ("fast", "east")

    assert shell.json("aggregate add host fast node1")["hosts"] == ["node1"]
    assert shell.run("aggregate delete fast").code == 1
    shell.ok("aggregate set --name faster --property net=10g fast")
    shown = shell.json("aggregate show faster")
    assert (shown["hosts"], shown["properties"]) == (["node1"], {"ssd": "true", "net": "10g"})
    placed = shell.json("server create --wait", *NANO, "--availability-zone", "east", "e1")
    assert placed["OS-EXT-SRV-ATTR:host"] == "node1"
    assert shell.run("aggregate remove host faster node1").code == 1  # it would change its zone
    shell.ok("server delete --wait e1")

    shell.ok("aggregate unset --property ssd faster")
    shell.ok("aggregate cache image faster cirros")
    assert shell.json("aggregate remove host faster node1")["hosts"] == []
    assert [one["Name"] for one in shell.json("aggregate list --long")] == ["faster"]
    shell.ok("aggregate delete faster")
    assert shell.json("aggregate list") == []


def test_zones_are_listed_with_their_services(hosts_shell: Shell) -> None:
    listed = hosts_shell.json("availability zone list --compute --long")

    nova = [one for one in listed if one["Zone Name"] == "nova"]
    assert {one["Host Name"] for one in nova} == {"node1", "node2", "node3"}
    assert {one["Service Name"] for one in nova} == {"nova-compute"}
    assert "internal" in {one["Zone Name"] for one in listed}


def _at(cloud: Cloud, version: str, command: str) -> dict[str, Any]:
    """A command at another version: a client that runs keeps to the one it began with."""
    said = executable(cloud, "--os-compute-api-version", version, *command.split(), "-f", "json")
    assert said.code == 0, said.err
    shown: dict[str, Any] = said.json
    return shown


def _host(shell: Shell, name: str) -> str:
    return str(shell.json(f"server show {name}")["OS-EXT-SRV-ATTR:host"])
