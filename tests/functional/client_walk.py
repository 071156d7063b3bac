"""What the real clients do with a cloud: one walk, run on both modes.

A module that has a fixture `cloud` takes the tests of this one over by importing `*`.
"""

from pathlib import Path

import openstack

from tests.functional.client_shell import Shell, executable
from tests.functional.clouds import PASSWORD, Cloud

NANO = ("--image", "cirros", "--flavor", "m1.nano")

__all__ = [
    "test_a_boot_that_fails_shows_its_fault",
    "test_a_hypervisor_is_shown",
    "test_a_key_pair_is_made_imported_and_put_into_a_server",
    "test_a_server_bears_properties_and_tags",
    "test_a_server_from_boot_to_deletion",
    "test_a_server_on_a_host_of_choice",
    "test_properties_and_hints_are_taken",
    "test_the_executable_itself",
    "test_the_sdk_boots_lists_and_deletes",
    "test_what_the_cloud_consists_of",
    "test_what_the_cloud_offers",
    "test_who_one_is",
]


def test_a_server_from_boot_to_deletion(shell: Shell) -> None:
    made = shell.json("server create --wait", *NANO, "walker")
    assert (made["name"], made["status"]) == ("walker", "ACTIVE")
    assert [s["Name"] for s in shell.json("server list") if s["ID"] == made["id"]] == ["walker"]

    shell.ok("server stop walker")
    _wait(shell, "walker", "SHUTOFF")
    shell.ok("server start walker")
    _wait(shell, "walker", "ACTIVE")
    shell.ok("server reboot --hard --wait walker")
    shell.ok("server reboot --soft --wait walker")
    assert "login:" in shell.ok("console log show walker")

    events = shell.json("server event list walker")
    done = [event["Action"] for event in reversed(events)]
    assert done == ["create", "stop", "start", "reboot", "reboot"], done
    shown = shell.json("server event show walker", events[-1]["Request ID"])
    assert shown["action"] == "create"

    shell.ok("server delete --wait walker")
    assert shell.run("server show walker").code == 1
    assert made["id"] not in [server["ID"] for server in shell.json("server list")]


def test_a_server_on_a_host_of_choice(shell: Shell) -> None:
    zone = ("--availability-zone", "nova:node2")

    made = shell.json("server create --wait", *NANO, *zone, "chosen")

    assert made["OS-EXT-SRV-ATTR:host"] == "node2"
    assert made["OS-EXT-AZ:availability_zone"] == "nova"
    shell.ok("server delete --wait chosen")


def test_properties_and_hints_are_taken(shell: Shell) -> None:
    words = ("--property", "colour=blue", "--hint", "near=far")

    made = shell.json("server create --wait", *NANO, *words, "coloured")

    assert made["status"] == "ACTIVE"
    assert shell.json("server show coloured")["properties"] == {"colour": "blue"}
    shell.ok("server delete --wait coloured")


def test_a_key_pair_is_made_imported_and_put_into_a_server(shell: Shell, tmp_path: Path) -> None:
    private, public = tmp_path / "id", tmp_path / "id.pub"

    shell.ok("keypair create made --private-key", str(private))
    public.write_text(shell.ok("keypair show --public-key made"))
    shell.ok("keypair create imported --public-key", str(public))
    server = shell.json("server create --wait --key-name imported", *NANO, "keyed")

    assert "PRIVATE KEY" in private.read_text()
    pairs = {pair["Name"]: pair["Fingerprint"] for pair in shell.json("keypair list")}
    assert pairs["made"] == pairs["imported"] == shell.json("keypair show made")["fingerprint"]
    assert server["key_name"] == "imported"
    shell.ok("server delete --wait keyed")
    shell.ok("keypair delete made imported")
    assert shell.json("keypair list") == []
    assert shell.run("server create --key-name made", *NANO, "keyless").code == 1


def test_a_server_bears_properties_and_tags(shell: Shell) -> None:
    newest = ("--os-compute-api-version", "2.104")
    words = ("--property", "colour=blue", "--tag", "web", "--nic", "none")

    shell.ok("server create --wait", *NANO, *words, *newest, "labelled")
    shell.ok("server set --property size=small --tag blue labelled", *newest)
    shell.ok("server unset --property colour --tag web labelled", *newest)

    shown = shell.json("server show labelled", *newest)
    assert shown["properties"] == {"size": "small"}
    assert shown["tags"] == ["blue"]
    for query, found in (("--tags blue", 1), ("--tags web", 0), ("--not-tags web", 1)):
        listed = shell.json(f"server list --name labelled {query}", *newest)
        assert len(listed) == found, query
    shell.ok("server delete --wait labelled")


def test_a_boot_that_fails_shows_its_fault(shell: Shell) -> None:
    broken = shell.run("server create --wait", *NANO, "--property", "fake:fail_spawn=*", "broken")

    assert broken.code == 1
    shown = shell.json("server show broken")
    assert shown["status"] == "ERROR"
    assert shown["fault"]["message"]
    shell.ok("server delete --wait broken")


def test_what_the_cloud_consists_of(shell: Shell) -> None:
    services = shell.json("compute service list")
    hypervisors = shell.json("hypervisor list")
    zones = shell.json("availability zone list")

    assert {s["Binary"] for s in services} == {"nova-compute", "nova-conductor", "nova-scheduler"}
    assert {s["State"] for s in services} == {"up"}
    names = sorted(hypervisor["Hypervisor Hostname"] for hypervisor in hypervisors)
    assert names == ["node1", "node2", "node3"], names
    assert {"Zone Name": "nova", "Zone Status": "available"} in zones


def test_a_hypervisor_is_shown(shell: Shell) -> None:
    assert shell.json("hypervisor show node2")["hypervisor_hostname"] == "node2"


def test_what_the_cloud_offers(shell: Shell) -> None:
    flavors = {flavor["ID"]: flavor["Name"] for flavor in shell.json("flavor list")}
    images = {image["Name"]: image["Status"] for image in shell.json("image list")}
    limits = {limit["Name"]: limit["Value"] for limit in shell.json("limits show --absolute")}

    assert flavors["1"] == "m1.tiny"
    assert flavors["5"] == "m1.xlarge"
    assert (flavors["42"], flavors["84"]) == ("m1.nano", "m1.micro")
    assert shell.json("flavor show m1.nano")["ram"] == 128
    assert images["cirros"] == "active"
    assert shell.json("image show cirros")["name"] == "cirros"
    assert limits["instances"] == 10


def test_who_one_is(shell: Shell) -> None:
    catalogue = {entry["Type"]: entry["Endpoints"] for entry in shell.json("catalog list")}

    assert shell.json("token issue")["project_id"]
    assert {"compute", "identity", "image"} <= set(catalogue)
    assert {"admin", "demo"} <= {project["Name"] for project in shell.json("project list")}
    assert {"admin", "demo"} <= {user["Name"] for user in shell.json("user list")}
    roles = {role["Name"] for role in shell.json("role list")}
    assert roles == {"admin", "manager", "member", "reader", "service"}


def test_the_executable_itself(cloud: Cloud) -> None:
    listed = executable(cloud, "server", "list", "-f", "json")
    missing = executable(cloud, "server", "show", "nobody")

    assert (listed.code, listed.json) == (0, []), listed
    assert missing.code == 1, missing
    assert "nobody" in missing.err


def test_the_sdk_boots_lists_and_deletes(cloud: Cloud) -> None:
    domain = {"user_domain_id": "default", "project_domain_id": "default"}
    who = {"username": "demo", "password": PASSWORD, "project_name": "demo", **domain}
    with openstack.connection.Connection(
        auth={"auth_url": f"{cloud.url}/identity/v3", **who}, identity_api_version="3"
    ) as connection:
        compute = connection.compute
        image, flavor = connection.image.find_image("cirros"), compute.find_flavor("m1.nano")
        sizes = {"image_id": image.id, "flavor_id": flavor.id, "networks": "none"}

        made = compute.create_server(name="by-sdk", **sizes)
        assert compute.wait_for_server(made, wait=60).status == "ACTIVE"

        assert [s.name for s in compute.servers(name="by-sdk", status="ACTIVE")] == ["by-sdk"]
        assert list(compute.servers(status="ERROR")) == []
        compute.delete_server(made)
        compute.wait_for_delete(made, wait=60)
        assert list(compute.servers()) == []


def _wait(shell: Shell, name: str, status: str) -> None:
    for _ in range(60):
        if shell.json(f"server show {name}")["status"] == status:
            return
    raise AssertionError(f"{name} does not become {status}")
