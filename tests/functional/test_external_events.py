"""What other services tell of servers, and the numbers of a guest, over the real books."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.db.engine import Database
from tests.contract.db.rows import add_host, add_instances, instance
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

NOBODY = "deadbeef-0000-4000-8000-000000000000"
NIC = {
    "network": NOBODY,
    "label": "private",
    "subnet": NOBODY,
    "port_id": NOBODY,
    "mac": "fa:16:3e:00:00:01",
    "address": "10.128.0.1",
    "version": 4,
    "tag": None,
}


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    add_host(database, "node1")
    return application(database, tmp_path)


@pytest.fixture
def refs(database: Database) -> tuple[str, str]:
    """One on a host, one that waits for it."""
    there = {"vm_state": "active", "task_state": None, "host": "node1", "power_state": 1}
    nics = {"addresses": [NIC], "vcpus": 2, "memory_mb": 512, "config_drive": True}
    placed, waiting = add_instances(database, [instance(**there, **nics), instance()])
    return placed, waiting


def _tell(app: Any, *events: dict[str, Any], version: int = 104) -> tuple[int, Any]:
    body = {"events": list(events)}
    reply = asked(app, "POST", "/os-server-external-events", body, version=version)
    return reply.status_int, orjson.loads(reply.body)


def _event(ref: str, name: str = "network-changed", **more: str) -> dict[str, str]:
    return {"name": name, "server_uuid": ref, **more}


def test_an_event_of_a_server_on_a_host_is_accepted(app: Any, refs: tuple[str, str]) -> None:
    status, answer = _tell(app, _event(refs[0], status="in-progress", tag="t"), version=1)

    told = _event(refs[0], status="in-progress", tag="t") | {"code": 200}
    assert (status, answer) == (200, {"events": [told]})


def test_each_event_has_a_code_of_its_own(app: Any, refs: tuple[str, str]) -> None:
    placed, waiting = refs

    status, answer = _tell(
        app,
        _event(placed),
        _event(waiting),
        _event(NOBODY),
        _event(placed, "power-update", tag="POWER_SIDEWAYS"),
        _event(placed, "power-update", tag="POWER_OFF"),
    )

    assert status == 207
    codes = [(one["code"], one["status"]) for one in answer["events"]]
    assert codes == [
        (200, "completed"),
        (422, "failed"),
        (404, "failed"),
        (400, "failed"),
        (200, "completed"),
    ]


def test_events_that_concern_nobody_are_not_found(app: Any, refs: tuple[str, str]) -> None:
    status, answer = _tell(app, _event(NOBODY), _event(refs[1]))

    assert status == 404
    assert answer["itemNotFound"]["message"] == "No instances found for any event"


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("network-vif-plugged", 1),
        ("network-vif-unplugged", 1),
        ("network-vif-deleted", 1),
        ("volume-extended", 51),
        ("power-update", 76),
        ("accelerator-request-bound", 82),
        ("volume-reimaged", 93),
    ],
)
def test_each_kind_came_with_its_version(
    app: Any, refs: tuple[str, str], name: str, since: int
) -> None:
    event = _event(refs[0], name, tag="POWER_ON")

    assert _tell(app, event, version=since)[0] == 200
    if since > 1:
        assert _tell(app, event, version=since - 1)[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"events": []},
        {"events": [{"name": "network-changed"}]},
        {"events": [{"name": "odd", "server_uuid": NOBODY}]},
        {"events": [{"name": "network-changed", "server_uuid": "x"}]},
        {"events": [{"name": "network-changed", "server_uuid": NOBODY, "status": "odd"}]},
        {"events": [{"name": "network-changed", "server_uuid": NOBODY, "more": 1}]},
    ],
)
def test_what_is_no_list_of_events_is_a_bad_request(app: Any, body: Any) -> None:
    assert asked(app, "POST", "/os-server-external-events", body).status_int == 400


def test_events_are_for_administrators(app: Any, refs: tuple[str, str]) -> None:
    body = {"events": [_event(refs[0])]}
    reply = asked(app, "POST", "/os-server-external-events", body, user="alice")

    assert reply.status_int == 403


def test_the_numbers_of_a_guest_are_those_that_are_known(app: Any, refs: tuple[str, str]) -> None:
    reply = asked(app, "GET", f"/servers/{refs[0]}/diagnostics", version=48)

    shown = orjson.loads(reply.body)
    assert reply.status_int == 200
    assert (shown["state"], shown["driver"], shown["config_drive"]) == ("running", "fake", True)
    assert (shown["num_cpus"], len(shown["cpu_details"])) == (2, 2)
    assert shown["memory_details"] == {"maximum": 512, "used": None}
    assert (shown["num_nics"], shown["num_disks"], shown["uptime"]) == (1, 1, None)
    assert shown["nic_details"][0]["mac_address"] == "fa:16:3e:00:00:01"
    assert set(shown) == {
        *("state", "driver", "hypervisor", "hypervisor_os", "uptime", "config_drive"),
        *("num_cpus", "num_nics", "num_disks", "cpu_details", "memory_details"),
        *("nic_details", "disk_details"),
    }


def test_before_2_48_the_form_is_the_drivers_own(app: Any, refs: tuple[str, str]) -> None:
    reply = asked(app, "GET", f"/servers/{refs[0]}/diagnostics", version=47)

    assert orjson.loads(reply.body) == {"memory": 512 * 1024}


def test_without_a_host_there_are_no_numbers(app: Any, refs: tuple[str, str]) -> None:
    reply = asked(app, "GET", f"/servers/{refs[1]}/diagnostics", version=48)

    assert reply.status_int == 409
