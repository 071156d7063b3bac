"""Services over the real books: taken out, called down, removed, at every version."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import Instance, Migration
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER, Standing
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.db.rows import NOW, add_host, instance
from tests.functional.over_books import Call, application, asked, call, database
from tests.options import defaults
from tests.statements import statements

__all__ = ["call", "database"]  # fixtures

NODE1 = {"host": "node1", "binary": COMPUTE}


def _shown(call: Call, host: str = "node1", version: int = 69) -> dict[str, Any]:
    _status, found = call("GET", f"/os-services?host={host}", version=version)
    (one,) = found["services"]
    shown: dict[str, Any] = one
    return shown


def _order(call: Call, order: str, body: dict[str, Any], version: int = 1) -> tuple[int, Any]:
    return call("PUT", f"/os-services/{order}", body, version=version)


def _put(call: Call, body: dict[str, Any], host: str = "node1", version: int = 53) -> Any:
    return call("PUT", f"/os-services/{_shown(call, host)['id']}", body, version=version)


def test_until_2_52_the_address_is_the_order(call: Call) -> None:
    because = {**NODE1, "disabled_reason": "a fan"}

    disabled = _order(call, "disable", NODE1)
    assert disabled == (200, {"service": {**NODE1, "status": "disabled"}})
    assert (_shown(call)["status"], _shown(call)["disabled_reason"]) == ("disabled", None)

    with_reason = _order(call, "disable-log-reason", because, 52)
    assert with_reason == (200, {"service": {**because, "status": "disabled"}})
    assert _shown(call)["disabled_reason"] == "a fan"

    enabled = _order(call, "enable", NODE1)
    assert enabled == (200, {"service": {**NODE1, "status": "enabled"}})
    assert (_shown(call)["status"], _shown(call)["disabled_reason"]) == ("enabled", None)

    down = _order(call, "force-down", {**NODE1, "forced_down": True}, 11)
    assert down == (200, {"service": {**NODE1, "forced_down": True}})
    assert (_shown(call)["state"], _shown(call)["forced_down"]) == ("down", True)


@pytest.mark.parametrize(
    ("order", "body", "version", "status"),
    [
        ("force-down", {**NODE1, "forced_down": True}, 10, 400),  # the field is not there yet
        ("force-down", NODE1, 10, 404),
        ("force-down", NODE1, 11, 400),
        ("disable-log-reason", NODE1, 1, 400),
        ("disable-log-reason", {**NODE1, "disabled_reason": ""}, 1, 400),
        ("dance", NODE1, 1, 404),
        ("enable", {"host": "node1"}, 1, 400),
        ("enable", {**NODE1, "status": "enabled"}, 1, 400),
        ("enable", {"host": "nowhere", "binary": COMPUTE}, 1, 404),
        ("enable", {"host": "node1", "binary": SCHEDULER}, 1, 404),
        ("enable", {"host": "control", "binary": SCHEDULER}, 1, 400),
        ("enable", NODE1, 53, 404),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    call: Call, database: Database, order: str, body: dict[str, Any], version: int, status: int
) -> None:
    _add(database, SCHEDULER, "control")
    if version >= 53:
        body = {"status": "enabled"}

    assert _order(call, order, body, version)[0] == status


def _add(database: Database, binary: str, host: str) -> None:
    database.write(lambda db: services.seen(db, binary, [host], database.now()))


def test_from_2_53_the_address_is_the_service(call: Call) -> None:
    status, found = _put(call, {"status": "disabled", "disabled_reason": "a fan"})

    assert (status, found["service"]) == (200, _shown(call))
    assert (_shown(call)["status"], _shown(call)["disabled_reason"]) == ("disabled", "a fan")
    assert _put(call, {"forced_down": "true"}, version=104)[1]["service"]["state"] == "down"
    assert _shown(call)["status"] == "disabled"

    _put(call, {"status": "enabled", "forced_down": False})
    shown = _shown(call)
    assert (shown["status"], shown["disabled_reason"]) == ("enabled", None)
    assert (shown["state"], shown["forced_down"]) == ("up", False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"disabled_reason": "a fan"},
        {"status": "enabled", "disabled_reason": "a fan"},
        {"status": "odd"},
        {"forced_down": "odd"},
        {"host": "node1"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(call: Call, body: dict[str, Any]) -> None:
    assert _put(call, body)[0] == 400


def test_only_compute_services_are_changed(call: Call, database: Database) -> None:
    _add(database, SCHEDULER, "control")

    status, fault = _put(call, {"status": "disabled"}, "control")

    assert status == 400
    assert "nova-scheduler service is not supported" in fault["badRequest"]["message"]


@pytest.mark.parametrize("ref", ["x", "%20", "ffffffff-0000-4000-8000-00000000000f"])
@pytest.mark.parametrize("version", [1, 53])
def test_any_text_in_the_place_of_an_id_is_not_found(call: Call, ref: str, version: int) -> None:
    assert call("DELETE", f"/os-services/{ref}", version=version)[0] == 404
    assert call("PUT", f"/os-services/{ref}", {"status": "enabled"}, version=53)[0] == 404


def test_a_service_bears_the_id_of_the_version(call: Call) -> None:
    number, uuid = _shown(call, version=52)["id"], _shown(call, version=53)["id"]

    assert call("DELETE", f"/os-services/{number}", version=53)[0] == 404
    assert call("DELETE", f"/os-services/{uuid}", version=52)[0] == 404
    assert call("DELETE", f"/os-services/{number}", version=52) == (204, None)
    assert call("GET", "/os-services?host=node1")[1] == {"services": []}


def test_a_host_that_is_removed_leaves_nothing_behind(call: Call, database: Database) -> None:
    add_host(database, "node1")
    call("POST", "/os-aggregates", {"aggregate": {"name": "a"}})
    call("POST", "/os-aggregates/1/action", {"add_host": {"host": "node1"}})
    assert len(call("GET", "/os-hypervisors")[1]["hypervisors"]) == 1

    status, _ = call("DELETE", f"/os-services/{_shown(call)['id']}", version=53)

    assert status == 204
    assert call("GET", "/os-hypervisors")[1] == {"hypervisors": []}
    assert call("GET", "/os-aggregates/1")[1]["aggregate"]["hosts"] == []
    assert call("GET", "/os-services?host=node1")[1] == {"services": []}


def test_a_host_that_is_needed_is_not_removed(call: Call, database: Database) -> None:
    add_host(database, "node1")
    path = f"/os-services/{_shown(call)['id']}"
    server = instance(host="node1", vm_state="active", task_state=None)

    database.write(lambda db: db.add(Instance(**server)))
    status, fault = call("DELETE", path, version=53)
    assert status == 409
    assert "hosting instances" in fault["conflictingRequest"]["message"]

    database.write(lambda db: db.query(Instance).update({"deleted": 1}))
    database.write(lambda db: db.add(_move("migrating", "node2", "node1")))
    status, fault = call("DELETE", path, version=53)
    assert status == 409
    assert "in-progress migrations" in fault["conflictingRequest"]["message"]

    database.write(lambda db: db.query(Migration).update({"status": "confirmed"}))
    assert call("DELETE", path, version=53)[0] == 204


def test_a_host_stays_down_while_evacuations_from_it_wait(call: Call, database: Database) -> None:
    _put(call, {"forced_down": True})
    database.write(lambda db: db.add(_move("done", "node1", "node2", kind="evacuation")))

    status, fault = _put(call, {"forced_down": False})
    ordered, _ = _order(call, "force-down", {**NODE1, "forced_down": False}, 11)

    assert (status, ordered) == (400, 400)
    message = fault["badRequest"]["message"]
    assert "evacuations from it are not completed: ffffffff-0000" in message
    assert "completes them when it looks next: start it where it does not run" in message
    assert _shown(call)["forced_down"] is True
    database.write(lambda db: db.query(Migration).update({"status": "completed"}))
    assert _put(call, {"forced_down": False})[0] == 200


def _move(status: str, source: str, target: str, kind: str = "migration") -> Migration:
    unset: dict[str, Any] = {"old_flavor": {}, "new_flavor": {}}
    return Migration(
        uuid="ffffffff-0000-4000-8000-000000000001",
        instance_uuid="ffffffff-0000-4000-8000-000000000002",
        migration_type=kind,
        status=status,
        source_compute=source,
        source_node=source,
        dest_compute=target,
        user_id="u",
        project_id="p1",
        created_at=NOW,
        updated_at=NOW,
        **unset,
    )


def test_whom_an_operator_called_down_is_not_expected_back(call: Call, database: Database) -> None:
    conf = defaults()
    group = DbDriver(conf, database)
    _put(call, {"forced_down": True})

    assert "node1" not in group.get_all(COMPUTE)
    assert "node1" in group.down(COMPUTE)
    assert group.lately(COMPUTE) == set()


def test_services_are_for_administrators(call: Call) -> None:
    uuid = _shown(call)["id"]

    for verb, body in (("PUT", {"forced_down": True}), ("DELETE", None)):
        assert call(verb, f"/os-services/{uuid}", body, user="m", version=53)[0] == 403
    assert _shown(call)["forced_down"] is False


HEARD = NOW.replace(year=2031)
ADDRESSES = (
    ("/os-services", 69),
    ("/os-hypervisors", 88),
    ("/os-hypervisors/detail", 88),
    ("/os-availability-zone/detail", 1),
    ("/servers/detail?all_tenants=1", 16),
)


def test_who_keeps_the_group_says_when_a_service_was_heard(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    standings = {"node1": Standing(True, HEARD, 0.5, "x"), "node2": Standing(False, HEARD, 9, "x")}
    monkeypatch.setattr(DbDriver, "standings", lambda _self, _group: standings)

    shown = {one["host"]: one for one in call("GET", "/os-services", version=69)[1]["services"]}
    (zone,) = call("GET", "/os-availability-zone/detail")[1]["availabilityZoneInfo"]

    assert shown["node1"]["updated_at"] == HEARD.isoformat("T", "microseconds")
    assert (shown["node1"]["state"], shown["node2"]["state"]) == ("up", "down")
    assert shown["node3"]["state"] == "down"  # nothing is known of it
    of_zone = zone["hosts"]["node2"][COMPUTE]
    assert (of_zone["available"], of_zone["updated_at"]) == (False, shown["node2"]["updated_at"])


def _add_with_server(database: Database, host: str) -> None:
    _add(database, COMPUTE, host)
    add_host(database, host)
    server = instance(host=host, vm_state="active", task_state=None)
    database.write(lambda db: db.add(Instance(**server)))


def test_all_that_tells_of_a_host_tells_the_same(call: Call, database: Database) -> None:
    _add_with_server(database, "node1")
    _add_with_server(database, "node2")
    _put(call, {"forced_down": True}, "node2")

    listed = {one["host"]: one["state"] for one in call("GET", "/os-services")[1]["services"]}
    nodes = call("GET", "/os-hypervisors")[1]["hypervisors"]
    (zone,) = call("GET", "/os-availability-zone/detail")[1]["availabilityZoneInfo"]
    servers = call("GET", "/servers/detail?all_tenants=1", version=16)[1]["servers"]

    assert listed == {"node1": "up", "node2": "down", "node3": "up"}
    assert [(one["hypervisor_hostname"], one["state"]) for one in nodes] == [
        ("node1", "up"),
        ("node2", "down"),
    ]
    available = {host: found[COMPUTE]["available"] for host, found in zone["hosts"].items()}
    assert available == {"node1": True, "node2": False, "node3": True}
    assert {one["OS-EXT-SRV-ATTR:host"]: one["host_status"] for one in servers} == {
        "node1": "UP",
        "node2": "DOWN",
    }


def test_who_says_so_is_in_a_header_for_administrators(database: Database, tmp_path: Path) -> None:
    app = application(database, tmp_path)

    reply = asked(app, "GET", "/os-services")
    refused = asked(app, "GET", "/os-services", user="m")

    told = json.loads(reply.headers["X-Minicloud-Service-Group"])
    assert (told["driver"], told["address"]) == ("db", database.address)
    assert (told["away_s"], told["trouble"], told["settles_s"]) == (None, "", 0.0)
    assert 0 <= told["oldest_s"] < 60
    assert orjson.loads(reply.body).keys() == {"services"}
    assert "X-Minicloud-Service-Group" not in refused.headers


@pytest.mark.parametrize(("address", "version"), ADDRESSES)
def test_more_hosts_are_not_asked_for_one_by_one(
    call: Call, database: Database, address: str, version: int
) -> None:
    def count() -> int:
        call("GET", address, version=version)  # what is looked up once is known from here on
        with statements(database) as said:
            assert call("GET", address, version=version)[0] == 200
        return len(said)

    _add_with_server(database, "node1")
    _add(database, CONDUCTOR, "c1")
    few = count()
    for number in range(4, 24):
        _add_with_server(database, f"node{number}")

    assert count() == few
