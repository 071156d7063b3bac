"""POST /servers: every field, and what is refused."""

import base64
from typing import Any

import pytest

from minicloud.zones.base import NewServers
from tests.unit.api.conftest import Client
from tests.unit.api.fake_zone import IMAGE, OWN, FakeZone

AUTO = {"networks": "auto"}


def _body(**fields: Any) -> dict[str, Any]:
    return {"server": {"name": "web", "flavorRef": "1", "imageRef": IMAGE} | fields}


def _wanted(zone: FakeZone) -> NewServers:
    name, wanted = zone.servers.asked[-1]
    assert name == "create"
    assert isinstance(wanted, NewServers)
    return wanted


def test_a_new_server_is_accepted_with_its_address_and_password(
    client: Client, zone: FakeZone
) -> None:
    reply = client.post("/v2.1/servers", _body())

    assert reply.status == 202
    server = reply.json["server"]
    assert set(server) == {"id", "links", "OS-DCF:diskConfig", "security_groups", "adminPass"}
    assert reply.headers["Location"] == server["links"][0]["href"]
    assert _wanted(zone) == NewServers(
        name="web", flavor="1", image=IMAGE, description="web", zero_disk=False
    )


def test_a_description_is_the_name_until_there_is_one_to_be_given(
    client: Client, zone: FakeZone
) -> None:
    for version, description in ((18, "web"), (19, None)):
        client.post("/v2.1/servers", _body(), version)

        assert _wanted(zone).description == description


def test_a_password_is_answered_and_not_passed_on(client: Client, zone: FakeZone) -> None:
    given = client.post("/v2.1/servers", _body(adminPass="s3cret")).json["server"]["adminPass"]
    made = {client.post("/v2.1/servers", _body()).json["server"]["adminPass"] for _ in "ab"}

    assert given == "s3cret"
    assert len(made) == 2
    assert "s3cret" not in repr(zone.servers.asked)


def test_a_reservation_id_is_answered_on_request(client: Client) -> None:
    reply = client.post("/v2.1/servers", _body(return_reservation_id=True, max_count="3"))

    assert reply.json == {"reservation_id": "r-new"}


@pytest.mark.parametrize(
    ("version", "fields", "wanted"),
    [
        (1, {"flavorRef": 1}, {"flavor": "1"}),
        (1, {"flavorRef": "http://x/flavors/7"}, {"flavor": "7"}),
        (1, {"imageRef": f"http://x/images/{IMAGE}"}, {"image": IMAGE}),
        (1, {"min_count": 2}, {"min_count": 2, "max_count": 2}),
        (1, {"min_count": "2", "max_count": 5}, {"min_count": 2, "max_count": 5}),
        (1, {"metadata": {"a b": "c"}}, {"meta": {"a b": "c"}}),
        (1, {"config_drive": "True"}, {"config_drive": True}),
        (1, {"user_data": base64.b64encode(b"x").decode()}, {"user_data": "eA=="}),
        (1, {"accessIPv4": "10.0.0.1"}, {"access_ip_v4": "10.0.0.1"}),
        (1, {"availability_zone": "nova"}, {"availability_zone": "nova"}),
        (1, {"networks": [{"uuid": OWN}]}, {}),
        (1, {"security_groups": [{"name": "default"}]}, {}),
        (19, {"description": "d"}, {"description": "d"}),
        (37, AUTO, {}),
        (52, AUTO | {"tags": []}, {"tags": []}),
        (52, AUTO | {"tags": ["a"]}, {"tags": ["a"]}),
        (1, {"key_name": "mine"}, {"key_name": "mine"}),
        (90, AUTO | {"hostname": "web-1"}, {"hostname": "web-1"}),
        (94, AUTO | {"hostname": "web.example.org"}, {"hostname": "web.example.org"}),
    ],
)
def test_a_field_is_passed_on(
    client: Client, zone: FakeZone, version: int, fields: dict[str, Any], wanted: dict[str, Any]
) -> None:
    reply = client.post("/v2.1/servers", _body(**fields), version)

    assert reply.status == 202, reply.text
    assert {name: getattr(_wanted(zone), name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, {"name": ""}),
        (1, {"name": "   "}),
        (1, {"name": "x" * 256}),
        (1, {"name": "a\nb"}),
        (1, {"flavorRef": ""}),
        (1, {"flavorRef": "none"}),
        (1, {"imageRef": ""}),
        (1, {"imageRef": "not-an-id"}),
        (1, {"min_count": 0}),
        (1, {"min_count": 3, "max_count": 2}),
        (1, {"max_count": 10**12}),
        (1, {"metadata": {"k" * 256: "v"}}),
        (1, {"metadata": {"k": "v" * 256}}),
        (1, {"metadata": {"k": 1}}),
        (1, {"user_data": "?"}),
        (1, {"user_data": "A" * 65536}),
        (1, {"accessIPv4": "300.1.1.1"}),
        (1, {"key_name": ""}),
        (1, {"availability_zone": "nowhere"}),
        (1, {"availability_zone": "a:b:c:d"}),
        (1, {"description": "d"}),
        (1, {"networks": "auto"}),
        (1, {"tags": []}),
        (1, {"host": "h"}),
        (1, {"project_id": "p2"}),
        (1, {"id": OWN}),
        (1, {"user_id": "bob"}),
        (37, {}),
        (52, AUTO | {"tags": ["a,b"]}),
        (52, AUTO | {"tags": ["a/b"]}),
        (52, AUTO | {"tags": [""]}),
        (52, AUTO | {"tags": ["a" * 61]}),
        (52, AUTO | {"tags": [str(n) for n in range(51)]}),
        (57, AUTO | {"personality": []}),
        (89, AUTO | {"hostname": "web"}),
        (90, AUTO | {"hostname": "web.example.org"}),
        (104, AUTO | {"vm_state": "active"}),
    ],
)
def test_a_field_that_is_wrong_is_a_bad_request(
    admin: Client, zone: FakeZone, version: int, fields: dict[str, Any]
) -> None:
    reply = admin.post("/v2.1/servers", _body(**fields), version)

    assert (reply.status, reply.fault[0]) == (400, "badRequest")


def _device(**fields: Any) -> dict[str, Any]:
    device = {
        "uuid": IMAGE,
        "boot_index": 0,
        "source_type": "image",
        "destination_type": "local",
        "delete_on_termination": True,
    }
    return device | fields


def test_the_boot_image_may_come_as_a_block_device(client: Client, zone: FakeZone) -> None:
    body = _body(block_device_mapping_v2=[_device()])
    del body["server"]["imageRef"]

    assert client.post("/v2.1/servers", body).status == 202
    assert _wanted(zone).image == IMAGE


@pytest.mark.parametrize(
    "devices",
    [
        [_device(source_type="volume")],
        [_device(destination_type="volume")],
        [_device(boot_index=1)],
        [_device(uuid=OWN)],
        [_device(), _device()],
    ],
)
def test_other_block_devices_cannot_be_had(client: Client, devices: list[Any]) -> None:
    reply = client.post("/v2.1/servers", _body(block_device_mapping_v2=devices))

    assert reply.status == 400
    assert reply.fault[1].startswith("Block Device Mapping is Invalid: ")


@pytest.mark.parametrize("key", ["os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"])
def test_hints_come_under_either_name(client: Client, zone: FakeZone, key: str) -> None:
    hints = {"same_host": [OWN], "mine": "x"}

    assert client.post("/v2.1/servers", _body() | {key: hints}).status == 202
    assert _wanted(zone).hints == hints


@pytest.mark.parametrize(
    "hints",
    [
        {"different_host": [OWN] * 10},
        {"same_host": "nonsense"},
        {"group": "m" * 256},
        {f"h{n}": "x" for n in range(100)},
    ],
)
def test_hints_are_bounded(client: Client, hints: dict[str, Any]) -> None:
    if "different_host" in hints:
        hints = {"different_host": [OWN] * 1000}

    assert client.post("/v2.1/servers", _body() | {"os:scheduler_hints": hints}).status == 400


@pytest.mark.parametrize(
    ("text", "zone_host_node"),
    [
        ("nova:h1", ("nova", "h1", None)),
        ("nova:h1:n1", ("nova", "h1", "n1")),
        ("nova::n1", ("nova", None, "n1")),
        (":h1", (None, "h1", None)),
        ("nowhere:h1", ("nowhere", "h1", None)),
    ],
)
def test_an_admin_forces_a_host_by_the_zone(
    admin: Client, client: Client, zone: FakeZone, text: str, zone_host_node: tuple[Any, ...]
) -> None:
    assert client.post("/v2.1/servers", _body(availability_zone=text)).status == 403
    assert admin.post("/v2.1/servers", _body(availability_zone=text)).status == 202

    wanted = _wanted(zone)
    assert (wanted.availability_zone, wanted.force_host, wanted.force_node) == zone_host_node


def test_from_2_74_a_host_is_named_by_itself(
    admin: Client, client: Client, zone: FakeZone
) -> None:
    named = AUTO | {"host": "host-1", "hypervisor_hostname": "node-1"}

    assert admin.post("/v2.1/servers", _body(**named), 73).status == 400
    assert client.post("/v2.1/servers", _body(**named), 74).status == 403
    assert admin.post("/v2.1/servers", _body(**named), 74).status == 202
    assert (_wanted(zone).requested_host, _wanted(zone).requested_node) == ("host-1", "node-1")
    assert _wanted(zone).force_host is None


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "unknown"},
        {"hypervisor_hostname": "unknown"},
        {"host": "host-1", "availability_zone": "nova:host-1"},
    ],
)
def test_a_host_that_is_not_there_is_a_bad_request(admin: Client, fields: dict[str, str]) -> None:
    assert admin.post("/v2.1/servers", _body(**AUTO, **fields), 74).status == 400
