"""What terraform's provider, gophercloud, novaclient's scripts and tempest send, call by call."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.functional.clouds import Cloud
from tests.functional.strict_client import GONE, Client, ask

SLOW: Final = {"fake:spawn_s": "0.6"}  # so that what passes can be seen


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("terraform") / "state")
    made.up("--set", "compute.full_look_interval_s=1")
    yield made
    made.down()


@pytest.fixture(scope="module")
def client(cloud: Cloud) -> Client:
    return Client(cloud)


@pytest.fixture
def boot(client: Client) -> Iterator[Callable[..., str]]:
    made: list[str] = []

    def booted(name: str, **more: Any) -> str:
        body = {"name": name, "imageRef": _image(client), "flavorRef": _flavor(client), **more}
        answer = client.call("POST", "/servers", {"server": body}, wants=(202,))
        ref = str(answer["server"]["id"])
        made.append(ref)
        assert client.wait(ref, ["BUILD"], ["ACTIVE"])[-1] == "ACTIVE"
        return ref

    yield booted
    for ref in made:
        client.call("DELETE", f"/servers/{ref}", wants=(204, 404))
        client.wait(ref, ["ACTIVE", "SHUTOFF", "VERIFY_RESIZE", "ERROR"], [GONE])


def _image(client: Client) -> str:
    found = client.call("GET", "/v2/images?name=cirros", service="image")["images"]
    return str(found[0]["id"])


def _flavor(client: Client, name: str = "m1.nano") -> str:
    found = client.call("GET", "/flavors/detail?is_public=true")["flavors"]
    return next(str(flavor["id"]) for flavor in found if flavor["name"] == name)


def test_an_instance_is_applied_changed_and_destroyed(client: Client) -> None:
    body = {
        "name": "tf",
        "imageRef": _image(client),
        "flavorRef": _flavor(client),
        "metadata": {**SLOW, "a": "b"},
        "security_groups": [{"name": "default"}],
        "config_drive": True,
        "user_data": "IyEvYmluL3NoCg==",
    }
    ref = client.call("POST", "/servers", {"server": body}, wants=(202,))["server"]["id"]

    assert client.wait(ref, ["BUILD"], ["ACTIVE"]) == ["BUILD", "ACTIVE"]
    server = client.server(ref)
    assert client.call("GET", f"/flavors/{server['flavor']['id']}")["flavor"]["name"] == "m1.nano"
    client.call("PUT", f"/servers/{ref}/tags", {"tags": ["x", "y"]}, version="2.26")
    assert client.call("GET", f"/servers/{ref}/tags", version="2.26") == {"tags": ["x", "y"]}
    client.call("PUT", f"/servers/{ref}", {"server": {"name": "tf2"}})
    client.call("DELETE", f"/servers/{ref}/metadata/a", wants=(204,))
    posted = client.call("POST", f"/servers/{ref}/metadata", {"metadata": {"c": "d"}})
    assert posted["metadata"] == {**SLOW, "c": "d"}
    client.act(ref, "changePassword", {"adminPass": "Secret1"})
    client.wait(ref, ["PASSWORD"], ["ACTIVE"])

    client.act(ref, "os-stop")
    client.wait(ref, ["ACTIVE"], ["SHUTOFF"])
    client.call("DELETE", f"/servers/{ref}", wants=(204,))
    assert client.wait(ref, ["ACTIVE", "SHUTOFF"], ["SOFT_DELETED", GONE])[-1] == GONE


def test_the_power_state_follows_the_plan(client: Client, boot: Callable[..., str]) -> None:
    ref = boot("power")
    for key, pending, target in (
        ("os-stop", ["ACTIVE"], "SHUTOFF"),
        ("os-start", ["SHUTOFF"], "ACTIVE"),
        ("pause", ["ACTIVE"], "PAUSED"),
        ("unpause", ["PAUSED"], "ACTIVE"),
        ("shelve", ["ACTIVE", "SHELVED"], "SHELVED_OFFLOADED"),
        ("unshelve", ["SHELVED", "SHELVED_OFFLOADED"], "ACTIVE"),
    ):
        client.act(ref, key)
        assert client.wait(ref, pending, [target])[-1] == target, key


def test_a_resize_is_seen_and_confirmed_from_active_and_from_shutoff(
    client: Client, boot: Callable[..., str]
) -> None:
    ref = boot("resized", metadata=SLOW)

    client.act(ref, "resize", {"flavorRef": _flavor(client, "m1.micro")})
    seen = client.wait(ref, ["RESIZE"], ["VERIFY_RESIZE"])
    client.act(ref, "confirmResize", wants=(204,))
    client.wait(ref, ["VERIFY_RESIZE"], ["ACTIVE", "SHUTOFF"])
    assert seen == ["RESIZE", "VERIFY_RESIZE"]
    assert client.server(ref)["status"] == "ACTIVE"

    client.act(ref, "os-stop")
    client.wait(ref, ["ACTIVE"], ["SHUTOFF"])
    client.act(ref, "resize", {"flavorRef": _flavor(client)})
    assert client.wait(ref, ["RESIZE"], ["VERIFY_RESIZE"])[-1] == "VERIFY_RESIZE"
    client.act(ref, "confirmResize", wants=(204,))
    assert client.wait(ref, ["VERIFY_RESIZE"], ["ACTIVE", "SHUTOFF"])[-1] == "SHUTOFF"


def test_a_resize_is_seen_on_its_way_back(client: Client, boot: Callable[..., str]) -> None:
    ref = boot("reverted")

    client.act(ref, "resize", {"flavorRef": _flavor(client, "m1.micro")})
    client.wait(ref, ["RESIZE"], ["VERIFY_RESIZE"])
    client.act(ref, "revertResize")
    client.wait(ref, ["VERIFY_RESIZE", "REVERT_RESIZE"], ["ACTIVE"])

    assert client.server(ref)["flavor"]["id"] == _flavor(client)


def test_a_rebuild_is_seen(client: Client, boot: Callable[..., str]) -> None:
    ref = boot("rebuilt", metadata=SLOW)

    answer = client.act(ref, "rebuild", {"imageRef": _image(client), "name": "rebuilt2"})

    assert answer["server"]["adminPass"]
    assert client.wait(ref, ["REBUILD"], ["ACTIVE"]) == ["REBUILD", "ACTIVE"]
    assert client.server(ref)["name"] == "rebuilt2"


def test_a_server_that_fails_has_a_fault_that_can_be_decoded(client: Client) -> None:
    body = {"name": "bad", "imageRef": _image(client), "flavorRef": _flavor(client)}
    body |= {"metadata": {"fake:fail_spawn": "*"}}  # type: ignore[dict-item]
    ref = client.call("POST", "/servers", {"server": body}, wants=(202,))["server"]["id"]

    client.wait(ref, ["BUILD"], ["ERROR"])

    assert client.server(ref)["fault"]["code"] == 500
    client.act(ref, "forceDelete")
    client.wait(ref, ["ERROR"], [GONE])


def test_the_other_resources_are_made_read_and_deleted(client: Client) -> None:
    key = {"keypair": {"name": "tf"}}
    made = client.call("POST", "/os-keypairs", key)["keypair"]
    assert made["private_key"]
    shown = client.call("GET", "/os-keypairs/tf")["keypair"]
    assert shown["public_key"] == made["public_key"]
    client.call("DELETE", "/os-keypairs/tf", wants=(202, 204))

    size = {"name": "tf", "ram": 64, "vcpus": 1, "disk": 1, "os-flavor-access:is_public": False}
    flavor = client.call("POST", "/flavors", {"flavor": size})["flavor"]["id"]
    client.call("POST", f"/flavors/{flavor}/os-extra_specs", {"extra_specs": {"a": "b"}})
    assert client.call("GET", f"/flavors/{flavor}/os-extra_specs")["extra_specs"] == {"a": "b"}
    client.call("DELETE", f"/flavors/{flavor}/os-extra_specs/a")
    for action, count in (("addTenantAccess", 1), ("removeTenantAccess", 0)):
        body = {action: {"tenant": client.project}}
        listed = client.call("POST", f"/flavors/{flavor}/action", body)["flavor_access"]
        assert len(listed) == count
        access = client.call("GET", f"/flavors/{flavor}/os-flavor-access")["flavor_access"]
        assert access == listed
    client.call("DELETE", f"/flavors/{flavor}", wants=(202,))

    aggregate = {"name": "tf", "availability_zone": "tf-zone"}
    ref = client.call("POST", "/os-aggregates", {"aggregate": aggregate})["aggregate"]["id"]
    assert type(ref) is int
    path = f"/os-aggregates/{ref}"
    client.call("POST", f"{path}/action", {"add_host": {"host": "node1"}})
    client.call("POST", f"{path}/action", {"set_metadata": {"metadata": {"ssd": "true"}}})
    client.call("PUT", path, {"aggregate": {"name": "tf2"}})
    assert client.call("GET", path)["aggregate"]["hosts"] == ["node1"]
    client.call("POST", f"{path}/action", {"remove_host": {"host": "node1"}})
    client.call("DELETE", path)

    group = {"name": "tf", "policies": ["anti-affinity"]}
    made = client.call("POST", "/os-server-groups", {"server_group": group})["server_group"]
    path = f"/os-server-groups/{made['id']}"
    assert client.call("GET", path)["server_group"]["policies"] == ["anti-affinity"]
    client.call("DELETE", path, wants=(204,))
    rules = {"name": "tf", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}
    made = client.call("POST", "/os-server-groups", {"server_group": rules}, version="2.64")
    assert made["server_group"]["rules"] == {"max_server_per_host": 2}
    client.call("DELETE", f"/os-server-groups/{made['server_group']['id']}", wants=(204,))

    path = f"/os-quota-sets/{client.project}"
    quota = client.call("PUT", path, {"quota_set": {"cores": 21, "key_pairs": 9}})["quota_set"]
    assert (quota["cores"], quota["key_pairs"]) == (21, 9)
    assert all(
        type(v) is int for k, v in client.call("GET", path)["quota_set"].items() if k != "id"
    )
    client.call("DELETE", path, wants=(202,))


def test_the_data_sources_are_read(client: Client) -> None:
    zones = client.call("GET", "/os-availability-zone")["availabilityZoneInfo"]
    assert {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None} in zones
    (first, *_rest) = client.call("GET", "/os-hypervisors/detail")["hypervisors"]
    for key in ("vcpus", "memory_mb", "local_gb", "running_vms", "hypervisor_version", "id"):
        assert type(first[key]) is int, key
    assert {"id", "host", "disabled_reason"} == first["service"].keys()
    limits = client.call("GET", "/limits")["limits"]
    assert limits["rate"] == []
    assert all(type(value) is int for value in limits["absolute"].values())
    assert client.call("GET", "/os-aggregates") == {"aggregates": []}
    assert client.call("GET", "/os-keypairs") == {"keypairs": []}
    assert client.call("GET", f"/os-quota-sets/{client.project}/detail")["quota_set"]["cores"][
        "limit"
    ]
    assert client.call("GET", "/servers/detail?name=none")["servers"] == []


@pytest.mark.parametrize("root", ["/v2", "/v2.1", "/v2/{project}", "/v2.1/{project}"])
def test_scripts_of_novaclients_time_find_every_address(
    cloud: Cloud, client: Client, root: str
) -> None:
    base = f"{cloud.url}/compute{root.format(project=client.project)}"
    sent = {"X-Auth-Token": client.token, "X-OpenStack-Nova-API-Version": "2.53"}

    listed = ask("GET", f"{base}/os-services?binary=nova-compute", headers=sent)
    wrong = ask("GET", f"{base}/servers/no-such-server", headers=sent)

    is_old = root.startswith("/v2/") or root == "/v2"
    assert [each["state"] for each in listed.json["services"]] == ["up"] * 3
    assert isinstance(listed.json["services"][0]["id"], int if is_old else str)
    assert listed.headers.get("X-OpenStack-Nova-API-Version") == (None if is_old else "2.53")
    assert (wrong.status, wrong.json["itemNotFound"]["code"]) == (404, 404)
    for path in ("servers", "flavors/detail", "limits", "os-hypervisors", "os-keypairs"):
        assert ask("GET", f"{base}/{path}", headers=sent).status == 200, path


def test_tempest_finds_the_versions_by_their_links(cloud: Cloud) -> None:
    listed = ask("GET", f"{cloud.url}/compute/").json["versions"]

    assert listed[0]["id"] == "v2.0"
    for version in listed:
        (link,) = [each["href"] for each in version["links"] if each["rel"] == "self"]
        shown = ask("GET", link)
        assert shown.status == 200
        assert link in [each["href"] for each in shown.json["version"]["links"]]


def test_the_smoke_test_of_a_server(client: Client, boot: Callable[..., str]) -> None:
    client.call("POST", "/os-keypairs", {"keypair": {"name": "smoke"}})
    ref = boot(
        "smoke",
        accessIPv4="1.1.1.1",
        accessIPv6="::babe:dc0c:1602",
        metadata={"hello": "world"},
        key_name="smoke",
    )

    server = client.server(ref)
    assert (server["accessIPv4"], server["key_name"]) == ("1.1.1.1", "smoke")
    assert server["accessIPv6"] == "::babe:dc0c:1602"
    for path in ("/servers", "/servers/detail"):
        assert ref in [each["id"] for each in client.call("GET", path)["servers"]]
    addresses = client.call("GET", f"/servers/{ref}/ips")["addresses"]
    assert addresses == {
        name: [{"addr": each["addr"], "version": each["version"]} for each in of_it]
        for name, of_it in server["addresses"].items()
    }
    for name, each in addresses.items():
        assert client.call("GET", f"/servers/{ref}/ips/{name}") == {name: each}
    client.act(ref, "reboot", {"type": "HARD"})
    client.wait(ref, ["HARD_REBOOT"], ["ACTIVE"])
    client.call("DELETE", "/os-keypairs/smoke", wants=(202, 204))


def test_loops_that_wait_for_hosts_end(client: Client) -> None:
    """As devstack waits, until so many hypervisors are there and all services are up."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        hosts = client.call("GET", "/os-hypervisors")["hypervisors"]
        services = client.call("GET", "/os-services")["services"]
        if len(hosts) == 3 and {each["state"] for each in services} == {"up"}:
            return
    raise AssertionError(services)
