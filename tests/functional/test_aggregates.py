"""Aggregates over the real books: their hosts, their zones, and what is refused."""

from typing import Any

import pytest

from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]  # fixtures


def _made(call: Call, name: str, zone: str | None = None) -> str:
    aggregate = {"name": name} | ({"availability_zone": zone} if zone else {})
    status, found = call("POST", "/os-aggregates", {"aggregate": aggregate})
    assert status == 200
    return f"/os-aggregates/{found['aggregate']['id']}"


def _act(call: Call, path: str, **action: Any) -> tuple[int, Any]:
    return call("POST", f"{path}/action", action)


def test_the_ssd_example_of_the_documents_is_kept(call: Call) -> None:
    path = _made(call, "fast-io", "nova")

    _act(call, path, set_metadata={"metadata": {"ssd": "true"}})
    _act(call, path, add_host={"host": "node1"})
    status, found = _act(call, path, add_host={"host": "node2"})

    assert status == 200
    assert found["aggregate"]["hosts"] == ["node1", "node2"]
    assert found["aggregate"]["metadata"] == {"availability_zone": "nova", "ssd": "true"}


def test_a_zone_is_what_its_hosts_are_in(call: Call) -> None:
    path = _made(call, "east", "zone-east")

    _act(call, path, add_host={"host": "node1"})
    _status, found = call("GET", "/os-availability-zone")

    names = {zone["zoneName"] for zone in found["availabilityZoneInfo"]}
    assert names == {"nova", "zone-east"}


def test_a_host_is_in_one_zone_only(call: Call) -> None:
    east, west = _made(call, "east", "zone-east"), _made(call, "west", "zone-west")
    _act(call, east, add_host={"host": "node1"})

    status, fault = _act(call, west, add_host={"host": "node1"})

    assert status == 409
    assert "zone-east" in fault["conflictingRequest"]["message"]


def test_a_zone_does_not_change_under_servers(call: Call, database: Database) -> None:
    path = _made(call, "east", "zone-east")
    _act(call, path, add_host={"host": "node1"})
    database.write(lambda db: db.add(_server("node1", database)))

    changed, _ = call("PUT", path, {"aggregate": {"availability_zone": "zone-west"}})
    removed, _ = _act(call, path, remove_host={"host": "node1"})

    assert (changed, removed) == (409, 409)


def _server(host: str, database: Database) -> Instance:
    now = database.now()
    facts = {"flavor": {}, "meta": {}, "request": {}, "vcpus": 1, "memory_mb": 1, "disk_gb": 1}
    return Instance(
        uuid="6d9a3d4c-0b3f-4d0e-9a53-3a86a7dd5c11",
        project_id="p1",
        user_id="u1",
        reservation_id="r-1",
        display_name="s",
        hostname="s",
        vm_state="active",
        host=host,
        created_at=now,
        updated_at=now,
        **facts,
    )


def test_a_null_value_takes_a_key_away(call: Call) -> None:
    path = _made(call, "fast-io")
    _act(call, path, set_metadata={"metadata": {"ssd": "true", "net": "10g"}})

    _status, found = _act(call, path, set_metadata={"metadata": {"ssd": None}})

    assert found["aggregate"]["metadata"] == {"net": "10g"}


def test_an_aggregate_with_hosts_is_not_deleted(call: Call) -> None:
    path = _made(call, "fast-io")
    _act(call, path, add_host={"host": "node1"})

    with_hosts, _ = call("DELETE", path)
    _act(call, path, remove_host={"host": "node1"})
    without, _ = call("DELETE", path)
    gone, _ = call("GET", path)

    assert (with_hosts, without, gone) == (400, 200, 404)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ({"add_host": {"host": "nowhere"}}, 404),
        ({"add_host": {"host": "node1"}}, 409),
        ({"remove_host": {"host": "node2"}}, 404),
        ({"add_host": {}}, 400),
        ({"set_metadata": {"metadata": {"key": 1}}}, 400),
        ({"unknown": {}}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, action: dict[str, Any], status: int) -> None:
    path = _made(call, "fast-io")
    _act(call, path, add_host={"host": "node1"})

    assert _act(call, path, **action)[0] == status


@pytest.mark.parametrize("ref", ["0", "999999999", "9999999999", "x", "1.0", "-1", "%C2%B2"])
def test_any_text_in_the_place_of_a_number_is_not_found(call: Call, ref: str) -> None:
    assert call("GET", f"/os-aggregates/{ref}")[0] == 404


def test_a_name_is_taken_once(call: Call) -> None:
    _made(call, "fast-io")

    status, _fault = call("POST", "/os-aggregates", {"aggregate": {"name": "fast-io"}})

    assert status == 409


def test_a_zone_name_has_no_colon(call: Call) -> None:
    wanted = {"aggregate": {"name": "a", "availability_zone": "a:b"}}

    assert call("POST", "/os-aggregates", wanted)[0] == 400


def test_only_administrators_see_aggregates(call: Call) -> None:
    assert call("GET", "/os-aggregates", user="alice")[0] == 403


def test_the_uuid_is_shown_since_2_41(call: Call) -> None:
    path = _made(call, "fast-io")

    assert "uuid" not in call("GET", path, version=40)[1]["aggregate"]
    assert "uuid" in call("GET", path, version=41)[1]["aggregate"]


# Images that are to be ready on the hosts, since 2.81.


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"cache": [{"id": IMAGE}]}, 202),
        ({"cache": [{"id": IMAGE}, {"id": IMAGE}]}, 400),
        ({"cache": [{"id": IMAGE}, {"id": IMAGE.upper()}]}, 400),
        ({"cache": []}, 400),
        ({"cache": [{}]}, 400),
        ({"cache": [{"id": "x"}]}, 400),
        ({"cache": [{"id": IMAGE, "name": "x"}]}, 400),
        ({}, 400),
        ({"cache": [{"id": IMAGE.replace("1", "2")}]}, 404),
    ],
)
def test_images_to_be_cached_must_be_there(
    call: Call, database: Database, body: Any, status: int
) -> None:
    path = _made(call, "fast-io")
    database.write(lambda db: images.insert(db, image(database.now())))

    assert call("POST", f"{path}/images", body, version=81)[0] == status
    assert call("POST", f"{path}/images", body, version=80)[0] == 404
    assert (
        call("POST", "/os-aggregates/7/images", {"cache": [{"id": IMAGE}]}, version=81)[0] == 404
    )


@pytest.mark.parametrize("zone", ["", " ", "a:b"])
def test_no_metadata_makes_a_zone_without_a_proper_name(call: Call, zone: str) -> None:
    path = _made(call, "fast-io")

    status, _ = _act(call, path, set_metadata={"metadata": {"availability_zone": zone}})

    assert status == 400


def test_a_refusal_to_delete_is_in_the_words_of_nova(call: Call) -> None:
    path = _made(call, "fast-io")
    _act(call, path, add_host={"host": "node1"})

    _status, fault = call("DELETE", path)

    said = "Cannot remove aggregate 1. Reason: Host aggregate is not empty."
    assert fault["badRequest"]["message"] == said
