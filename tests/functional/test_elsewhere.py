"""Networks, volumes, shares, bare metal: what is not here says so, as Nova would."""

from collections.abc import Callable
from typing import Any

import pytest

from minicloud.api.routes_elsewhere import (
    ATTACHMENTS,
    BARE_METAL,
    NETWORKS,
    SERVER_ACTIONS,
    VOLUMES,
)
from minicloud.api.row import Row
from minicloud.db import flavors, images
from minicloud.db.engine import Database
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ["call", "database"]


@pytest.fixture
def server(call: Call, database: Database) -> str:
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now))
    database.write(lambda db: images.insert(db, image(now)))
    wanted = {"name": "a", "flavorRef": "42", "imageRef": IMAGE}
    status, body = call("POST", "/servers", {"server": wanted})
    assert status == 202, body
    return str(body["server"]["id"])


def rows(verb: str, *, of_items: bool) -> list[Row]:
    """Networks are there, and the groups of a server (test_networks.py, test_servers.py)."""
    every = NETWORKS + VOLUMES + BARE_METAL + ATTACHMENTS
    there = ("networks", "tenant_networks")
    absent = [row for row in every if of_items or row.noun not in there]
    return [row for row in absent if row.verb == verb and ("{ref}" in row.path) == of_items]


@pytest.mark.parametrize("row", rows("GET", of_items=False), ids=lambda row: row.path)
def test_what_is_listed_is_nothing(call: Call, server: str, row: Row) -> None:
    status, body = call("GET", row.path.format(server_id=server), version=row.since)

    assert status == 200
    assert [] in body.values()


@pytest.mark.parametrize(
    "row",
    [row for verb in ("GET", "PUT", "DELETE") for row in rows(verb, of_items=True)],
    ids=lambda row: f"{row.verb} {row.path}",
)
def test_no_item_is_found(call: Call, server: str, row: Row) -> None:
    path = row.path.format(server_id=server, ref="one")

    status, body = call(row.verb, path, {}, version=row.since)

    if row.noun == "baremetal_nodes" and row.verb == "DELETE":
        assert (status, list(body)) == (400, ["badRequest"])
    else:
        assert (status, list(body)) == (404, ["itemNotFound"])
        assert "one" in body["itemNotFound"]["message"]


@pytest.mark.parametrize(
    "row",
    [row for row in rows("POST", of_items=False) if row.noun != "baremetal_nodes"],
    ids=lambda row: row.path,
)
def test_nothing_can_be_made_and_the_answer_says_why(call: Call, server: str, row: Row) -> None:
    status, body = call("POST", row.path.format(server_id=server), {}, version=row.since)

    assert (status, list(body)) == (501, ["notImplemented"])
    assert body["notImplemented"]["message"].startswith("This cloud has no ")


def test_bare_metal_is_not_written_through_compute(call: Call) -> None:
    for path in ("/os-baremetal-nodes", "/os-baremetal-nodes/one/action"):
        status, body = call("POST", path, {"add_interface": {}})

        assert (status, list(body)) == (400, ["badRequest"])


@pytest.mark.parametrize(
    "row",
    [row for row in NETWORKS + VOLUMES + BARE_METAL + ATTACHMENTS if row.until < 104],
    ids=lambda row: f"{row.verb} {row.path}",
)
def test_proxies_end_with_their_last_version(call: Call, server: str, row: Row) -> None:
    path = row.path.format(server_id=server, ref="one")

    status, body = call(row.verb, path, {}, version=row.until + 1)

    assert row.until == 35
    if status == 405:  # another verb is a tombstone that stays
        assert "badMethod" in body
    else:
        assert (status, body["itemNotFound"]["message"]) == (
            404,
            "The resource could not be found.",
        )


@pytest.mark.parametrize(("path", "since"), [("shares", 97), ("topology", 78)])
def test_what_came_late_is_not_there_before(
    call: Call, server: str, path: str, since: int
) -> None:
    assert call("GET", f"/servers/{server}/{path}", version=since - 1)[0] == 404
    assert call("GET", f"/servers/{server}/{path}", version=since)[0] == 200


def test_a_guest_has_no_memory_nodes(call: Call, server: str) -> None:
    shown = call("GET", f"/servers/{server}/topology", version=78)[1]

    assert shown == {"nodes": [], "pagesize_kb": None}


BODIES: dict[str, tuple[Any, int]] = {
    "addSecurityGroup": ({"name": "web"}, 501),
    "removeSecurityGroup": ({"name": "web"}, 404),
    "addFixedIp": ({"networkId": 1}, 501),
    "removeFixedIp": ({"address": "10.0.0.1"}, 400),
    "addFloatingIp": ({"address": "10.0.0.1"}, 501),
    "removeFloatingIp": ({"address": "10.0.0.1"}, 404),
    "injectNetworkInfo": (None, 202),
    "resetNetwork": (None, 410),
    "os-getRDPConsole": ({"type": "rdp-html5"}, 410),
}


@pytest.mark.parametrize("row", SERVER_ACTIONS, ids=lambda row: row.key)
def test_actions_on_addresses_answer_as_where_there_is_no_network(
    call: Call, server: str, row: Row
) -> None:
    body, wanted = BODIES[str(row.key)]

    status, answer = call("POST", f"/servers/{server}/action", {row.key: body})

    assert status == wanted, answer
    if row.until < 104:
        assert call("POST", f"/servers/{server}/action", {row.key: body}, version=44)[0] == 404


@pytest.mark.parametrize("key", [key for key in BODIES if "SecurityGroup" in key or "Ip" in key])
def test_a_body_of_another_shape_is_refused(call: Call, server: str, key: str) -> None:
    for wrong in (None, {}, {"name": 7, "address": 7, "networkId": []}, {"more": 1}):
        assert call("POST", f"/servers/{server}/action", {key: wrong})[0] == 400


@pytest.mark.parametrize("row", ATTACHMENTS, ids=lambda row: f"{row.verb} {row.path}")
def test_what_is_attached_to_a_foreign_server_is_not_told(
    call: Call, server: str, row: Row
) -> None:
    path = row.path.format(server_id=server, ref="one")

    status, body = call(row.verb, path, {}, user="bob:p2:member", version=row.since)

    assert (status, list(body)) == (404, ["itemNotFound"])
    assert body["itemNotFound"]["message"] == f"Instance {server} could not be found."


def test_servers_are_found_under_their_old_name_until_2_102(call: Call, server: str) -> None:
    shown = call("GET", f"/os-volumes_boot/{server}", version=102)[1]["server"]

    assert shown["id"] == server
    listed = call("GET", "/os-volumes_boot", version=102)[1]["servers"]
    assert [each["id"] for each in listed] == [server]
    assert call("GET", "/os-volumes_boot/detail", version=102)[0] == 200
    assert call("PUT", f"/os-volumes_boot/{server}", {"server": {"name": "b"}})[0] == 200
    assert call("POST", f"/os-volumes_boot/{server}/action", {"os-nothing": None})[0] == 400
    for path in ("", "/detail", f"/{server}"):
        assert call("GET", f"/os-volumes_boot{path}", version=103)[0] == 404
    assert call("DELETE", f"/os-volumes_boot/{server}")[0] == 204


@pytest.fixture
def readers(call: Call) -> Callable[..., int]:
    def status(verb: str, path: str, user: str) -> int:
        return call(verb, path, {}, user=user)[0]

    return status


def test_only_administrators_look_at_bare_metal(readers: Callable[..., int]) -> None:
    assert readers("GET", "/os-baremetal-nodes", "u:p1:member") == 403
    assert readers("POST", "/os-assisted-volume-snapshots", "u:p1:member") == 403


def test_readers_are_refused_what_would_change_something(readers: Callable[..., int]) -> None:
    for row in NETWORKS + VOLUMES:
        path = row.path.format(ref="one")
        if row.verb != "GET":
            assert readers(row.verb, path, "r:p1:reader") == 403, path
