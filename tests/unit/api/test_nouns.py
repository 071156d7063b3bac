"""The smaller nouns: what they show at which version."""

from typing import Any

import pytest

from tests.unit.api.conftest import Client
from tests.unit.api.fake_zone import NODE, OWN, REQUEST, FakeZone

# Flavors.

FLAVOR = {
    *("id", "name", "ram", "disk", "vcpus", "swap", "OS-FLV-EXT-DATA:ephemeral", "links"),
    *("OS-FLV-DISABLED:disabled", "os-flavor-access:is_public", "rxtx_factor"),
}


@pytest.mark.parametrize(
    ("version", "more", "swap"),
    [
        (1, set(), ""),
        (54, set(), ""),
        (55, {"description"}, ""),
        (60, {"description"}, ""),
        (61, {"description", "extra_specs"}, ""),
        (74, {"description", "extra_specs"}, ""),
        (75, {"description", "extra_specs"}, 0),
        (101, {"description", "extra_specs"}, 0),
        (102, {"description", "extra_specs"}, 0),
    ],
)
def test_a_flavor_shows_the_fields_of_its_version(
    client: Client, version: int, more: set[str], swap: Any
) -> None:
    shown = client.get("/v2.1/flavors/1", version).json["flavor"]

    gone = {"rxtx_factor", "OS-FLV-DISABLED:disabled"} if version >= 102 else set()
    assert (set(shown), shown["swap"]) == ((FLAVOR | more) - gone, swap)
    assert client.get("/v2.1/flavors/detail", version).json["flavors"][0] == shown


def test_flavors_come_in_pages(client: Client) -> None:
    reply = client.get("/v2.1/flavors?limit=1").json

    assert set(reply["flavors"][0]) == {"id", "name", "links"}
    assert reply["flavors_links"][0]["href"].endswith("/v2.1/flavors?limit=1&marker=1")


def test_private_flavors_are_for_admins(client: Client, admin: Client, zone: FakeZone) -> None:
    assert client.get("/v2.1/flavors/3").status == 404
    assert client.get("/v2.1/flavors/3/os-extra_specs").status == 404
    assert client.get("/v2.1/flavors?is_public=none").status == 200
    assert zone.flavors.filters["is_public"] is True

    assert admin.get("/v2.1/flavors/3").status == 200
    assert len(admin.get("/v2.1/flavors?is_public=none").json["flavors"]) == 3
    assert len(admin.get("/v2.1/flavors?is_public=false").json["flavors"]) == 1
    assert admin.get("/v2.1/flavors?is_public=odd").status == 400


@pytest.mark.parametrize("query", ["minRam=x", "minDisk=1.5", "sort_key=x", "limit=a"])
def test_a_flavor_query_without_sense_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/v2.1/flavors?{query}").status == 400


def test_flavor_filters_reach_the_zone(client: Client, zone: FakeZone) -> None:
    assert client.get("/v2.1/flavors?minRam=5&minDisk=6&name=x", 102).status == 200

    wanted = {"min_ram_mb": 5, "min_disk_gb": 6, "name": "x"}
    assert zone.flavors.filters == wanted | {"is_public": True, "disabled": False}
    assert client.get("/v2.1/flavors?name=x", 101).status == 400


def test_extra_specs_are_listed_and_shown(client: Client) -> None:
    assert client.get("/v2.1/flavors/1/os-extra_specs").json == {"extra_specs": {"hw:a": "b"}}
    assert client.get("/v2.1/flavors/1/os-extra_specs/hw:a").json == {"hw:a": "b"}
    assert client.get("/v2.1/flavors/1/os-extra_specs/x").status == 404


# Services, hypervisors, zones, limits.

SERVICE = {
    *("id", "binary", "host", "zone", "status", "state", "updated_at", "disabled_reason"),
}


@pytest.mark.parametrize(
    ("version", "fields", "kind"),
    [
        (1, SERVICE, int),
        (10, SERVICE, int),
        (11, SERVICE | {"forced_down"}, int),
        (52, SERVICE | {"forced_down"}, int),
        (53, SERVICE | {"forced_down"}, str),
    ],
)
def test_a_service_shows_the_fields_of_its_version(
    admin: Client, version: int, fields: set[str], kind: type
) -> None:
    (shown,) = admin.get("/v2.1/os-services", version).json["services"]

    assert set(shown) == fields
    assert isinstance(shown["id"], kind)
    assert (shown["state"], shown["status"]) == ("up", "enabled")
    assert shown["updated_at"] == "2026-01-31T12:00:00.123456"


def test_services_are_filtered(admin: Client) -> None:
    assert admin.get("/v2.1/os-services?host=other").json == {"services": []}
    assert len(admin.get("/v2.1/os-services?binary=nova-compute").json["services"]) == 1


HYPERVISOR = {
    *("id", "hypervisor_hostname", "state", "status", "host_ip", "hypervisor_type"),
    *("hypervisor_version", "service"),
}
NUMBERS = {
    *("cpu_info", "current_workload", "disk_available_least", "free_disk_gb", "free_ram_mb"),
    *("local_gb", "local_gb_used", "memory_mb", "memory_mb_used", "running_vms", "vcpus"),
    "vcpus_used",
}


@pytest.mark.parametrize(
    ("version", "ref", "fields", "cpu_info"),
    [
        (1, 5, HYPERVISOR | NUMBERS, str),
        (27, 5, HYPERVISOR | NUMBERS, str),
        (28, 5, HYPERVISOR | NUMBERS, dict),
        (52, 5, HYPERVISOR | NUMBERS, dict),
        (53, NODE, HYPERVISOR | NUMBERS, dict),
        (87, NODE, HYPERVISOR | NUMBERS, dict),
        (88, NODE, HYPERVISOR | {"uptime"}, type(None)),
    ],
)
def test_a_hypervisor_shows_the_fields_of_its_version(
    admin: Client, version: int, ref: Any, fields: set[str], cpu_info: type
) -> None:
    shown = admin.get(f"/v2.1/os-hypervisors/{ref}", version).json["hypervisor"]

    assert set(shown) == fields
    assert shown["id"] == ref
    assert isinstance(shown.get("cpu_info"), cpu_info)
    assert admin.get("/v2.1/os-hypervisors/detail", version).json["hypervisors"] == [shown]


def test_a_hypervisor_is_found_by_the_id_of_the_version_only(admin: Client) -> None:
    assert admin.get(f"/v2.1/os-hypervisors/{NODE}", 52).status == 404
    assert admin.get("/v2.1/os-hypervisors/5", 53).status == 404
    assert admin.get("/v2.1/os-hypervisors/99999999999999999999", 1).status == 404


def test_hypervisors_are_searched_by_name(admin: Client) -> None:
    assert admin.get("/v2.1/os-hypervisors/ode-/search").status == 200
    assert admin.get("/v2.1/os-hypervisors/other/search").status == 404
    path = "/v2.1/os-hypervisors?hypervisor_hostname_pattern="
    assert len(admin.get(f"{path}ode", 53).json["hypervisors"]) == 1
    assert admin.get(f"{path}other", 53).status == 404
    assert admin.get(f"{path}ode&limit=1", 53).status == 400


def test_hypervisors_show_their_servers_on_request(admin: Client) -> None:
    path = f"/v2.1/os-hypervisors/{NODE}"

    assert "servers" not in admin.get(path, 53).json["hypervisor"]
    shown = admin.get(f"{path}?with_servers=true", 53).json["hypervisor"]["servers"]
    assert shown[0] == {"name": "instance-00000001", "uuid": OWN}


def test_statistics_sum_up(admin: Client) -> None:
    shown = admin.get("/v2.1/os-hypervisors/statistics").json["hypervisor_statistics"]

    assert set(shown) == NUMBERS - {"cpu_info"} | {"count"}
    assert (shown["count"], shown["free_ram_mb"]) == (1, 8192 - 512 - 512)


def test_hypervisors_come_in_pages_from_2_33(admin: Client) -> None:
    assert "hypervisors_links" not in admin.get("/v2.1/os-hypervisors?limit=1", 32).json
    assert "hypervisors_links" in admin.get("/v2.1/os-hypervisors?limit=1", 33).json


def test_the_internal_zone_is_for_admins(client: Client, admin: Client) -> None:
    zones = client.get("/v2.1/os-availability-zone").json["availabilityZoneInfo"]
    assert zones == [
        {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None},
        {"zoneName": "dark", "zoneState": {"available": False}, "hosts": None},
    ]

    detailed = admin.get("/v2.1/os-availability-zone/detail").json["availabilityZoneInfo"]
    assert detailed[0]["zoneName"] == "internal"
    assert detailed[1]["hosts"]["host-1"]["nova-compute"] == {
        "active": True,
        "available": True,
        "updated_at": "2026-01-31T12:00:00.123456",
    }


NETWORK = {
    *("maxTotalFloatingIps", "totalFloatingIpsUsed", "maxSecurityGroups"),
    *("maxSecurityGroupRules", "totalSecurityGroupsUsed"),
}
PERSONALITY = {"maxPersonality", "maxPersonalitySize"}


@pytest.mark.parametrize(
    ("version", "has", "lacks"),
    [
        (1, NETWORK | PERSONALITY | {"maxImageMeta"}, set()),
        (35, NETWORK | PERSONALITY | {"maxImageMeta"}, set()),
        (36, PERSONALITY | {"maxImageMeta"}, NETWORK),
        (38, PERSONALITY | {"maxImageMeta"}, NETWORK),
        (39, PERSONALITY, NETWORK | {"maxImageMeta"}),
        (56, PERSONALITY, NETWORK | {"maxImageMeta"}),
        (57, {"maxServerGroups"}, NETWORK | PERSONALITY | {"maxImageMeta"}),
    ],
)
def test_limits_show_the_fields_of_their_version(
    client: Client, version: int, has: set[str], lacks: set[str]
) -> None:
    limits = client.get("/v2.1/limits?reserved=1", version).json["limits"]

    assert limits["rate"] == []
    assert limits["absolute"]["maxTotalCores"] == 20
    assert limits["absolute"]["totalRAMUsed"] == 1024
    assert has <= set(limits["absolute"])
    assert not lacks & set(limits["absolute"])


def test_the_limits_of_others_are_for_admins(client: Client, admin: Client) -> None:
    assert client.get("/v2.1/limits?tenant_id=p2").status == 403
    assert client.get("/v2.1/limits?tenant_id=p1").status == 200
    assert admin.get("/v2.1/limits?tenant_id=p2").status == 200


# What was done to a server, and what hangs on it.

ACTION = {
    *("action", "instance_uuid", "request_id", "user_id", "project_id", "start_time", "message"),
}
ACTIONS = f"/v2.1/servers/{OWN}/os-instance-actions"


def test_actions_are_listed_newest_first_and_in_pages_from_2_58(client: Client) -> None:
    old = client.get(ACTIONS, 57).json
    new = client.get(f"{ACTIONS}?limit=1", 58).json

    assert [row["request_id"] for row in old["instanceActions"]] == ["req-2", REQUEST]
    assert set(old["instanceActions"][0]) == ACTION
    assert set(new["instanceActions"][0]) == ACTION | {"updated_at"}
    assert new["links"][0]["href"].endswith("/os-instance-actions?limit=1&marker=req-2")
    rest = client.get(f"{ACTIONS}?limit=1&marker=req-2", 58).json["instanceActions"]
    assert [row["request_id"] for row in rest] == [REQUEST]
    assert client.get(f"{ACTIONS}?marker=unknown", 58).status == 400


def test_the_actions_of_a_foreign_server_are_not_found(client: Client, admin: Client) -> None:
    for path in (ACTIONS, f"{ACTIONS}/{REQUEST}"):
        for version in (1, 104):
            reply = client.get(path, version, token="bob:p2")

            assert reply.fault == ("itemNotFound", f"Instance {OWN} could not be found.")
            assert admin.get(path, version, token="admin:p2").status == 200


def test_actions_are_narrowed_by_their_changes(client: Client) -> None:
    since = client.get(f"{ACTIONS}?changes-since=2026-01-31T13:30:00Z", 58).json
    before = client.get(f"{ACTIONS}?changes-before=2026-01-31T13:30:00Z", 66).json

    assert [row["request_id"] for row in since["instanceActions"]] == ["req-2"]
    assert [row["request_id"] for row in before["instanceActions"]] == [REQUEST]
    assert client.get(f"{ACTIONS}?changes-before=2026-01-31T13:30:00Z", 65).status == 400


EVENT = {"event", "start_time", "finish_time", "result"}


@pytest.mark.parametrize(
    ("version", "everyone", "admins"),
    [
        (50, None, EVENT | {"traceback"}),
        (51, EVENT, EVENT | {"traceback"}),
        (61, EVENT, EVENT | {"traceback"}),
        (62, EVENT | {"hostId"}, EVENT | {"traceback", "hostId", "host"}),
        (83, EVENT | {"hostId"}, EVENT | {"traceback", "hostId", "host"}),
        (84, EVENT | {"hostId"}, EVENT | {"traceback", "hostId", "host", "details"}),
    ],
)
def test_events_show_the_fields_of_their_version(
    client: Client, admin: Client, version: int, everyone: set[str] | None, admins: set[str]
) -> None:
    for who, fields in ((client, everyone), (admin, admins)):
        shown = who.get(f"{ACTIONS}/{REQUEST}", version).json["instanceAction"]

        assert ("events" in shown) == (fields is not None)
        assert fields is None or set(shown["events"][0]) == fields


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("metadata", {"metadata": {"color": "blue"}}),
        ("metadata/color", {"meta": {"color": "blue"}}),
        ("ips", {"addresses": {}}),
        ("tags", {"tags": []}),
        ("os-interface", {"interfaceAttachments": []}),
        ("os-security-groups", {"security_groups": []}),
        ("os-volume_attachments", {"volumeAttachments": []}),
    ],
)
def test_what_hangs_on_a_server_is_told(client: Client, path: str, body: dict[str, Any]) -> None:
    assert client.get(f"/v2.1/servers/{OWN}/{path}", 26).json == body


@pytest.mark.parametrize(
    "path", ["metadata/x", "ips/x", "tags/x", "os-interface/x", "os-volume_attachments/x"]
)
def test_what_does_not_hang_on_a_server_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/v2.1/servers/{OWN}/{path}", 26).fault[0] == "itemNotFound"


def test_extensions_are_a_canned_list(client: Client) -> None:
    aliases = [e["alias"] for e in client.get("/v2.1/extensions").json["extensions"]]

    assert "OS-EXT-STS" in aliases
    assert client.get("/v2.1/extensions/OS-DCF").json["extension"]["alias"] == "OS-DCF"


def test_the_address_of_a_new_tag_is_told(client: Client) -> None:
    path = f"/v2.1/servers/{OWN}/tags/a%20b"

    made = client.call("PUT", path, version=26, raw=b"null")

    assert (made.status, made.text) == (201, b"")
    assert made.headers["Location"] == f"http://localhost/compute{path}"
    assert client.call("PUT", path, {"tag": "a b"}, version=26).status == 400
