"""Servers: what is shown at which version, and what lists promise."""

import hashlib
import re
from typing import Any

import pytest

from minicloud.zones.base import Page, ServerFilters
from tests.unit.api.conftest import Client, Reply
from tests.unit.api.fake_zone import BROKEN, BUILDING, FOREIGN, IMAGE, OWN, FakeZone

ATTR = "OS-EXT-SRV-ATTR:"
ALWAYS = {
    *("id", "name", "status", "tenant_id", "user_id", "metadata", "hostId", "image", "flavor"),
    *("created", "updated", "addresses", "accessIPv4", "accessIPv6", "links", "key_name"),
    *("config_drive", "progress", "OS-DCF:diskConfig", "OS-EXT-AZ:availability_zone"),
    *("OS-EXT-STS:task_state", "OS-EXT-STS:vm_state", "OS-EXT-STS:power_state"),
    *("OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at"),
    "os-extended-volumes:volumes_attached",
}
# version -> what it adds for everyone, and for admins besides
ADDED: dict[int, tuple[set[str], set[str]]] = {
    1: (ALWAYS, {ATTR + "host", ATTR + "hypervisor_hostname", ATTR + "instance_name"}),
    3: (
        set(),
        {
            *(ATTR + "reservation_id", ATTR + "launch_index", ATTR + "hostname"),
            *(ATTR + "kernel_id", ATTR + "ramdisk_id", ATTR + "root_device_name"),
            ATTR + "user_data",
        },
    ),
    9: ({"locked"}, set()),
    16: (set(), {"host_status"}),
    19: ({"description"}, set()),
    26: ({"tags"}, set()),
    63: ({"trusted_image_certificates"}, set()),
    71: ({"server_groups"}, set()),
    73: ({"locked_reason"}, set()),
    90: ({ATTR + "hostname"}, set()),
    96: ({"pinned_availability_zone"}, set()),
    100: ({"scheduler_hints"}, set()),
}
ALONE = {"server_groups"}


def _fields(version: int, *, admin: bool) -> set[str]:
    fields: set[str] = set()
    for since, (everyone, admins) in ADDED.items():
        if since <= version:
            fields |= everyone | (admins if admin else set())
    return fields


@pytest.mark.parametrize("version", sorted({v + d for v in ADDED for d in (-1, 0)} - {0} | {104}))
def test_each_version_shows_its_fields_and_no_others(
    client: Client, admin: Client, version: int
) -> None:
    for who, is_admin in ((client, False), (admin, True)):
        fields = _fields(version, admin=is_admin)

        assert set(who.get(f"/v2.1/servers/{OWN}", version).json["server"]) == fields
        (listed,) = (
            server
            for server in who.get("/v2.1/servers/detail", version).json["servers"]
            if server["id"] == OWN
        )
        assert set(listed) == fields - ALONE


def test_the_flavor_is_a_link_and_from_2_47_a_copy(client: Client) -> None:
    old = client.get(f"/v2.1/servers/{OWN}", 46).json["server"]["flavor"]
    new = client.get(f"/v2.1/servers/{OWN}", 47).json["server"]["flavor"]

    assert (old["id"], old["links"][0]["rel"]) == ("1", "bookmark")
    assert new == {
        "original_name": "m1.tiny",
        "vcpus": 1,
        "ram": 512,
        "disk": 1,
        "ephemeral": 0,
        "swap": 0,
        "extra_specs": {"hw:a": "b"},
    }


def test_the_values_decode_as_typed_clients_demand(client: Client) -> None:
    server = client.get(f"/v2.1/servers/{OWN}").json["server"]

    for name in ("created", "updated"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", server[name])
    assert server["OS-SRV-USG:launched_at"] == "2026-01-31T12:00:00.123456"
    assert server["addresses"] == {}
    assert server["image"]["id"] == IMAGE
    assert server["progress"] == 100
    assert server["hostId"] == hashlib.sha224(b"p1host-1").hexdigest()
    assert "fault" not in server


def test_a_server_without_image_shows_an_empty_text(client: Client, zone: FakeZone) -> None:
    zone.servers.rows[0].image_ref = None

    assert client.get(f"/v2.1/servers/{OWN}").json["server"]["image"] == ""


def test_a_fault_is_shown_for_an_error_with_details_for_admins(
    client: Client, admin: Client
) -> None:
    shown = client.get(f"/v2.1/servers/{BROKEN}").json["server"]

    assert shown["status"] == "ERROR"
    assert shown["fault"] == {
        "code": 500,
        "message": "No valid host was found. ",
        "created": "2026-01-31T12:00:00Z",
        "minicloud:code": "NO_VALID_HOST",
    }
    assert "progress" not in shown
    detailed = admin.get(f"/v2.1/servers/{BROKEN}").json["server"]["fault"]
    assert detailed["details"] == '{"ram":3}'


def test_a_server_that_is_building_has_no_host(client: Client) -> None:
    shown = client.get(f"/v2.1/servers/{BUILDING}").json["server"]

    assert (shown["status"], shown["hostId"], shown["progress"]) == ("BUILD", "", 0)
    assert shown["OS-EXT-STS:task_state"] == "scheduling"
    assert shown["OS-EXT-AZ:availability_zone"] == ""


@pytest.mark.parametrize(
    ("path", "self_base"),
    [("/v2.1", "/compute/v2.1"), ("/v2.1/p1", "/compute/v2.1/p1"), ("/v2/p1", "/compute/v2/p1")],
)
def test_links_are_on_the_address_that_was_used(client: Client, path: str, self_base: str) -> None:
    headers = {"Host": "cloud.example"}
    server = client.get(f"{path}/servers/{OWN}", headers=headers).json["server"]

    own, bookmark = server["links"]
    assert own == {"rel": "self", "href": f"http://cloud.example{self_base}/servers/{OWN}"}
    unversioned = self_base.replace("/v2.1", "").replace("/v2", "")
    assert bookmark["href"] == f"http://cloud.example{unversioned}/servers/{OWN}"


# Lists.


def _names(reply: Reply) -> list[str]:
    return [server["id"] for server in reply.json["servers"]]


def _asked(zone: FakeZone) -> tuple[ServerFilters, Page]:
    name, filters, page = zone.servers.asked[-1]
    assert name == "list"
    return filters, page


def test_a_short_list_has_id_name_and_links(client: Client) -> None:
    (first, *_) = client.get("/v2.1/servers").json["servers"]

    assert set(first) == {"id", "name", "links"}


def test_pages_lead_through_the_whole_list(client: Client) -> None:
    seen: list[str] = []
    path = "/v2.1/p1/servers/detail?limit=2&sort_key=uuid"
    while path:
        reply = client.get(path).json
        seen += [server["id"] for server in reply["servers"]]
        links = reply.get("servers_links", [])
        path = links[0]["href"].removeprefix("http://localhost/compute") if links else ""

    assert seen == [OWN, BUILDING, BROKEN]


def test_a_next_link_repeats_the_query(client: Client) -> None:
    reply = client.get("/v2.1/servers?limit=1&name=a%20b&status=ACTIVE").json

    assert reply["servers_links"] == [
        {
            "rel": "next",
            "href": "http://localhost/compute/v2.1/servers"
            f"?limit=1&name=a+b&status=ACTIVE&marker={OWN}",
        }
    ]


def test_a_page_that_is_not_full_is_the_last(client: Client) -> None:
    assert "servers_links" not in client.get("/v2.1/servers?limit=4").json


def test_a_limit_of_nothing_gives_nothing(client: Client) -> None:
    assert client.get("/v2.1/servers?limit=0").json == {"servers": []}


def test_a_limit_is_cut_to_the_longest_page(client: Client, zone: FakeZone) -> None:
    client.get("/v2.1/servers?limit=999999")

    assert _asked(zone)[1].limit == 1000


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=x",
        "limit=1e3",
        "marker=unknown",
        "sort_key=password",
        "sort_key=uuid;drop",
        "sort_dir=up",
        "name=(",
        "name=%00",
        "changes-since=yesterday",
        "changes-since=0001-01-01T00:00:00%2B23:59",
        "all_tenants=perhaps",
        "&".join(f"a{n}=1" for n in range(500)),
    ],
)
def test_a_query_that_makes_no_sense_is_a_bad_request(admin: Client, query: str) -> None:
    reply = admin.get(f"/v2.1/servers?{query}")

    assert (reply.status, reply.fault[0]) == (400, "badRequest")


def test_sorting_is_by_pairs_newest_first(client: Client, zone: FakeZone) -> None:
    client.get("/v2.1/servers")
    assert list(_asked(zone)[1].sort) == [("created_at", "desc")]

    client.get("/v2.1/servers?sort_key=uuid&sort_dir=asc&sort_key=display_name")
    assert list(_asked(zone)[1].sort) == [("uuid", "asc"), ("display_name", "asc")]

    client.get("/v2.1/servers?sort_key=vm_mode")
    assert list(_asked(zone)[1].sort) == [("created_at", "desc")]


def test_only_admins_sort_by_host(client: Client, admin: Client) -> None:
    assert client.get("/v2.1/servers?sort_key=host").status == 403
    assert admin.get("/v2.1/servers?sort_key=host").status == 200


@pytest.mark.parametrize(
    ("query", "version", "wanted"),
    [
        ("name=web", 1, {"name": "web"}),
        ("flavor=1", 1, {"flavor_id": "1"}),
        ("image=i", 1, {"equal": {"image_ref": "i"}}),
        ("reservation_id=r", 1, {"equal": {"reservation_id": "r"}}),
        ("host=h", 1, {"equal": {}}),
        ("user_id=u", 82, {"equal": {}}),
        ("user_id=u", 83, {"equal": {"user_id": "u"}}),
        ("task_state=None", 83, {"equal": {"task_state": None}}),
        ("config_drive=true", 83, {"equal": {"config_drive": True}}),
        ("locked=yes", 72, {"locked": None}),
        ("locked=yes", 73, {"locked": True}),
        ("project_id=p2", 1, {"project_id": "p1"}),
        ("all_tenants=0&project_id=p2", 1, {"project_id": "p1"}),
        ("deleted=true", 1, {"deleted": False}),
        ("changes-since=2026-01-01T00:00:00Z", 1, {"deleted": None}),
        ("status=ACTIVE", 1, {"vm_states": frozenset({"active"})}),
        ("status=REBOOT", 1, {"in_task": frozenset({("active", "rebooting")})}),
    ],
)
def test_a_member_filters_by_what_members_may(
    client: Client, zone: FakeZone, query: str, version: int, wanted: dict[str, Any]
) -> None:
    assert client.get(f"/v2.1/servers?{query}", version).status == 200

    filters = _asked(zone)[0]
    assert {name: getattr(filters, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("all_tenants=1", {"project_id": None}),
        ("all_tenants=", {"project_id": None}),
        ("all_tenants=true&tenant_id=p2", {"project_id": "p2"}),
        ("tenant_id=p2", {"project_id": "p1"}),
        ("deleted=true", {"deleted": True}),
        ("status=deleted", {"deleted": True, "vm_states": frozenset({"deleted"})}),
        ("changes-since=2026-01-01&deleted=false", {"deleted": False}),
        ("host=h&power_state=1", {"equal": {"host": "h", "power_state": 1}}),
    ],
)
def test_an_admin_filters_by_more(
    admin: Client, zone: FakeZone, query: str, wanted: dict[str, Any]
) -> None:
    assert admin.get(f"/v2.1/servers/detail?{query}").status == 200

    filters = _asked(zone)[0]
    assert {name: getattr(filters, name) for name in wanted} == wanted


def test_all_tenants_and_deleted_are_for_admins(client: Client) -> None:
    assert client.get("/v2.1/servers?all_tenants=1").status == 403
    assert client.get("/v2.1/servers/detail?all_tenants=1").status == 403
    assert client.get("/v2.1/servers?status=deleted").status == 403


def test_an_unknown_status_is_an_empty_list_and_from_2_38_refused(client: Client) -> None:
    assert client.get("/v2.1/servers?status=ODD", 37).json == {"servers": []}
    assert client.get("/v2.1/servers?status=ODD", 38).status == 400


def test_an_unknown_parameter_is_dropped_and_from_2_75_refused(client: Client) -> None:
    assert client.get("/v2.1/servers?odd=1", 74).status == 200
    assert client.get("/v2.1/servers?odd=1", 75).status == 400
    assert client.get("/v2.1/servers?host=h", 75).status == 200


def test_changes_before_must_not_come_first(client: Client) -> None:
    query = "changes-since=2026-02-01&changes-before=2026-01-01"

    assert client.get(f"/v2.1/servers?{query}", 65).status == 200
    assert client.get(f"/v2.1/servers?{query}", 66).status == 400


# Change, delete, act.


def test_an_update_answers_in_short_and_from_2_75_in_full(client: Client) -> None:
    old = client.call("PUT", f"/v2.1/servers/{OWN}", {"server": {"name": "n"}}, version=74)
    new = client.call("PUT", f"/v2.1/servers/{OWN}", {"server": {"name": "n"}}, version=75)

    assert old.json["server"]["name"] == "n"
    assert "OS-EXT-STS:vm_state" not in old.json["server"]
    assert set(new.json["server"]) == _fields(75, admin=False)


@pytest.mark.parametrize(
    ("field", "value", "version", "changes"),
    [
        ("name", "new", 1, {"display_name": "new"}),
        ("description", "d", 18, None),
        ("description", "d", 19, {"display_description": "d"}),
        ("description", None, 19, {"display_description": None}),
        ("hostname", "hh", 89, None),
        ("hostname", "hh", 90, {"hostname": "hh"}),
        ("accessIPv4", "10.0.0.1", 1, {"access_ip_v4": "10.0.0.1"}),
        ("accessIPv4", "::1", 1, None),
        ("accessIPv4", "", 1, {"access_ip_v4": None}),
        ("accessIPv6", "FE80::1", 1, {"access_ip_v6": "fe80::1"}),
        ("name", " blank", 1, None),
        ("name", "", 1, None),
        ("name", "x" * 256, 1, None),
        ("tenant_id", "p2", 1, None),
        ("host", "h", 104, None),
        ("id", "x", 104, None),
    ],
)
def test_an_update_changes_what_may_be_changed(
    client: Client,
    zone: FakeZone,
    field: str,
    value: Any,
    version: int,
    changes: dict[str, Any] | None,
) -> None:
    body = {"server": {field: value}}
    reply = client.call("PUT", f"/v2.1/servers/{OWN}", body, version=version)

    updates = [asked[2] for asked in zone.servers.asked if asked[0] == "update"]
    assert reply.status == (400 if changes is None else 200)
    assert updates == ([] if changes is None else [changes])


def test_v2_trims_a_name(client: Client, zone: FakeZone) -> None:
    client.call("PUT", f"/v2/servers/{OWN}", {"server": {"name": " a "}})

    assert zone.servers.asked[-1] == ("update", OWN, {"display_name": "a"})


def test_a_delete_has_no_body(client: Client, zone: FakeZone) -> None:
    reply = client.call("DELETE", f"/v2.1/servers/{OWN}")

    assert (reply.status, reply.text) == (204, b"")
    assert zone.servers.asked[-1] == ("delete", OWN)


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"os-start": None}, "start"),
        ({"os-stop": {}}, "stop"),
        ({"reboot": {"type": "SOFT"}}, "reboot"),
        ({"reboot": {"type": "hard"}}, "reboot_hard"),
    ],
)
def test_an_action_is_accepted(
    client: Client, zone: FakeZone, body: dict[str, Any], action: str
) -> None:
    assert client.post(f"/v2.1/servers/{OWN}/action", body).status == 202
    assert zone.servers.asked[-1] == ("act", OWN, action)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Malformed request body"),
        ({"os-start": None, "os-stop": None}, "Malformed request body"),
        ([], "Malformed request body"),
        ({"explode": None}, "There is no such action: explode"),
    ],
)
def test_an_action_is_exactly_one_known_key(client: Client, body: Any, message: str) -> None:
    reply = client.post(f"/v2.1/servers/{OWN}/action", body)

    assert reply.fault == ("badRequest", message)


def test_console_output_is_stripped_of_control_characters(client: Client, zone: FakeZone) -> None:
    body = {"os-getConsoleOutput": {"length": "10"}}

    assert client.post(f"/v2.1/servers/{OWN}/action", body).json == {"output": "login: ok\n"}
    assert zone.servers.asked[-1] == ("console", OWN, 10)


def test_an_action_on_a_foreign_server_finds_nothing(client: Client) -> None:
    reply = client.post(f"/v2.1/servers/{FOREIGN}/action", {"os-stop": None})

    assert reply.fault == ("itemNotFound", f"Instance {FOREIGN} could not be found.")
