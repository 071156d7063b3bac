"""Servers that wait for room (hint pending_timeout) in a cloud that runs."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from minicloud import errors
from minicloud.api.views import decisions
from minicloud.db import images, services
from minicloud.db.models import InstanceAction, InstanceEvent, InstanceFault
from minicloud.instance_states import status
from minicloud.servicegroup.base import COMPUTE
from tests.functional.boot_cloud import HOSTS, calling, eventually
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call
from tests.functional.waiting_room import (
    FLAVOR,
    LARGE,
    ROOT,
    WaitingRoom,
    of,
    waiting_room,
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[WaitingRoom]:
    with waiting_room(tmp_path) as made:
        yield made


@pytest.fixture
def call(room: WaitingRoom) -> Call:
    """The API of the room; a user's project bears its name."""
    cloud = room.cloud
    cloud.books.write(lambda db: images.insert(db, image(cloud.books.now())))
    return calling(cloud, "p1")


def _enable(room: WaitingRoom, host: str, *, enabled: bool) -> None:
    books = room.cloud.books
    (row,) = books.read(lambda db: services.of_group(db, COMPUTE, host))
    books.write(lambda db: services.change(db, row.id, {"disabled": not enabled}))


def test_a_server_that_waits_is_in_build_and_runs_as_soon_as_there_is_room(
    room: WaitingRoom,
) -> None:
    uuid = room.wait_for_room("p1")
    waiting = room.show(uuid)

    room.free()
    room.built(uuid)

    assert (waiting.row.vm_state, waiting.row.task_state) == ("building", "pending")
    assert status(waiting.row.vm_state, waiting.row.task_state) == "BUILD"
    assert waiting.fault is None
    action = room.cloud.zone.servers.actions(of("p1"), uuid)[0]
    assert (action.action, action.result) == ("create", "Success")


def test_without_the_hint_a_server_is_in_error_at_once(room: WaitingRoom) -> None:
    uuid = room.cloud.create(FLAVOR, of("p1"))

    view = room.in_error(uuid)

    assert view.fault is not None
    assert view.fault.machine_code == "NO_VALID_HOST"


def test_at_its_deadline_a_server_is_in_error_and_tells_what_the_last_try_was_told(
    room: WaitingRoom,
) -> None:
    (uuid,) = room.create("p1", timeout="2")

    view = room.in_error(uuid)

    assert view.fault is not None
    assert view.fault.machine_code == "NO_VALID_HOST"
    assert view.fault.message.startswith("No valid host was found.")
    assert "RamFilter 3" in view.fault.message
    assert "waited for room" in view.fault.message
    assert view.fault.details is not None
    assert view.fault.details["counts"] == {"RamFilter": 3}
    waited = view.fault.created_at - view.row.created_at
    assert waited.total_seconds() >= 2
    assert room.cloud.zone.servers.actions(of("p1"), uuid)[0].result == "Error"


def test_projects_take_turns_and_each_is_served_in_its_own_order(room: WaitingRoom) -> None:
    """All of the first project's wait longer than any of the second's."""
    whose = {room.wait_for_room(p): p for p in ("p1", "p2") for _ in range(10)}
    left = list(whose)

    served = []
    for _ in range(20):
        room.free()
        served.append(room.built(*left))
        left.remove(served[-1])

    assert [whose[uuid] for uuid in served] == ["p1", "p2"] * 10
    for project in ("p1", "p2"):
        own = [uuid for uuid, of_project in whose.items() if of_project == project]
        assert [uuid for uuid in served if whose[uuid] == project] == own


def test_who_has_less_comes_first(room: WaitingRoom) -> None:
    of_filler = room.wait_for_room("filler")
    of_other = room.wait_for_room("p1")

    room.free()

    assert room.built(of_filler, of_other) == of_other


def test_what_does_not_fit_keeps_no_smaller_one_waiting(room: WaitingRoom) -> None:
    large = room.wait_for_room("p1", LARGE)
    small = room.wait_for_room("p1")

    room.free()
    room.built(small)

    assert room.show(large).row.task_state == "pending"


def test_a_large_one_gets_a_host_that_is_emptied(room: WaitingRoom) -> None:
    large = room.wait_for_room("p1", LARGE)

    room.empty(HOSTS[1])

    assert room.built(large) == large


def test_a_host_that_is_enabled_is_room(room: WaitingRoom) -> None:
    _enable(room, HOSTS[0], enabled=False)
    room.empty(HOSTS[0])
    uuid = room.wait_for_room("p1")

    _enable(room, HOSTS[0], enabled=True)

    assert room.built(uuid) == uuid


def test_an_aggregate_that_takes_a_host_in_is_room(room: WaitingRoom) -> None:
    for host in HOSTS[:2]:
        room.empty(host)
    aggregates = room.cloud.zone.aggregates
    inner = aggregates.create(ROOT, "inner", "zone-b").row.id
    aggregates.add_host(ROOT, inner, HOSTS[0])
    for filling in room.create("filler", LARGE, availability_zone="zone-b"):
        room.built(filling)
    uuid = room.wait_for_room("p1", availability_zone="zone-b")

    aggregates.add_host(ROOT, inner, HOSTS[1])

    assert room.built(uuid) == uuid


def test_a_server_that_waits_can_be_renamed_and_is_deleted_at_once(room: WaitingRoom) -> None:
    uuid = room.wait_for_room("p1")

    row = room.cloud.zone.servers.find(of("p1"), uuid)
    room.cloud.zone.servers.update(of("p1"), uuid, {"display_name": "renamed"})
    room.cloud.zone.labels.merge_metadata(of("p1"), row, {"a": "b"})
    renamed = room.show(uuid).row
    room.delete(uuid)

    assert (renamed.display_name, renamed.meta) == ("renamed", {"a": "b"})
    assert room.cloud.is_gone(uuid)


def test_servers_of_one_request_wait_until_there_is_room_for_all(room: WaitingRoom) -> None:
    uuids = room.create("p1", min_count=3, max_count=3)
    for uuid in uuids:
        room.waits(uuid)

    room.free(2)
    probe = room.wait_for_room("p2", LARGE)  # the pass is over: this one came behind it
    states = {room.show(uuid).row.task_state for uuid in uuids}
    room.free()
    for uuid in uuids:
        room.built(uuid)

    assert states == {"pending"}
    assert room.show(probe).row.task_state == "pending"


def test_of_many_frees_at_once_each_that_waits_gets_one(room: WaitingRoom) -> None:
    waiting = [room.wait_for_room(f"p{number % 2}") for number in range(4)]
    freed = [Thread(target=room.delete, args=(room.filling.pop(),)) for _ in range(8)]

    for thread in freed:
        thread.start()
    for thread in freed:
        thread.join()
    for uuid in waiting:
        room.built(uuid)

    guests = [uuid for host in HOSTS for uuid in room.cloud.guests(host)]
    assert {uuid: guests.count(uuid) for uuid in waiting} == dict.fromkeys(waiting, 1)
    for uuid in waiting:
        events = _events(room, uuid)
        assert events.count("scheduler_select_destinations") == 1
    eventually(lambda: sum(room.cloud.node(host).num_instances for host in HOSTS) == 20)


def test_tries_leave_no_more_events_and_no_more_faults(room: WaitingRoom) -> None:
    large = room.wait_for_room("p1", LARGE)
    for _ in range(3):
        waiting = room.wait_for_room("p2")
        room.free()
        room.built(waiting)

    assert _events(room, large) == []
    assert not room.rows(InstanceFault, InstanceFault.instance_uuid == large)


def test_why_a_server_waits_is_kept_with_its_action_and_forgotten_when_it_has_a_host(
    room: WaitingRoom,
) -> None:
    uuid = room.wait_for_room("p1")
    row = room.cloud.zone.servers.find(of("p1"), uuid)
    waiting = decisions.show(room.cloud.zone.scheduling.last(of("p1"), row), hosts=True)

    room.free()
    room.built(uuid)
    placed = decisions.show(room.cloud.zone.scheduling.last(of("p1"), row), hosts=True)

    assert (waiting["outcome"], waiting["code"]) == ("waiting", "NO_VALID_HOST")
    assert waiting["reasons"] == [{"reason": "RamFilter", "hosts": 3}]
    assert waiting["explanation"]["hosts"] == 3
    assert (placed["outcome"], placed["reasons"]) == ("placed", [])


def test_the_explanation_is_that_of_the_last_try(room: WaitingRoom) -> None:
    uuid = room.wait_for_room("p1", LARGE)
    row = room.cloud.zone.servers.find(of("p1"), uuid)
    _enable(room, HOSTS[0], enabled=False)

    room.free()

    def told() -> list[dict[str, object]]:
        action = room.cloud.zone.scheduling.last(of("p1"), row)
        return list(decisions.show(action, hosts=False)["reasons"])

    now = [{"reason": "ComputeFilter", "hosts": 1}, {"reason": "RamFilter", "hosts": 2}]
    eventually(lambda: told() == now)


def _events(room: WaitingRoom, uuid: str) -> list[str]:
    (action,) = room.rows(InstanceAction, InstanceAction.instance_uuid == uuid)
    return [e.event for e in room.rows(InstanceEvent, InstanceEvent.action_id == action.id)]


def test_what_waits_counts_against_the_quota(room: WaitingRoom) -> None:
    room.wait_for_room("p1")
    room.cloud.conf.set_override("instances", 1, "quota")

    with pytest.raises(errors.QuotaExceeded):
        room.create("p1")


def test_clients_see_a_build_with_the_task_pending_and_the_reasons(
    room: WaitingRoom, call: Call
) -> None:
    server = {"name": "vm", "flavorRef": FLAVOR, "imageRef": IMAGE}
    body = {"server": server, "os:scheduler_hints": {"pending_timeout": "600"}}
    status, made = call("POST", "/servers", body, user="p1")
    assert status == 202, made
    uuid = made["server"]["id"]
    room.waits(uuid)

    shown = call("GET", f"/servers/{uuid}", user="p1")[1]["server"]
    listed = call("GET", "/servers/detail?status=BUILD", user="p1")[1]["servers"]
    told = call("GET", f"/servers/{uuid}/scheduling", user="p1")[1]["scheduling"]

    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("BUILD", "pending")
    assert "fault" not in shown
    assert [one["id"] for one in listed] == [uuid]
    assert (told["outcome"], told["code"]) == ("waiting", "NO_VALID_HOST")
    assert told["reasons"] == [{"reason": "RamFilter", "hosts": 3}]
    assert "explanation" not in told


def test_an_action_on_a_server_that_waits_is_refused_as_on_one_that_is_built(
    room: WaitingRoom, call: Call
) -> None:
    uuid = room.wait_for_room("p1")

    for action in ("os-stop", "pause", "shelve"):
        assert call("POST", f"/servers/{uuid}/action", {action: None}, user="p1")[0] == 409


def test_an_operator_bounds_how_long_anybody_waits(room: WaitingRoom) -> None:
    room.cloud.conf.set_override("max_pending_timeout", 60, "api")
    room.wait_for_room("p1", timeout=60)
    with pytest.raises(errors.BadRequest, match="from 1 to 60"):
        room.create("p1", timeout=61)

    room.cloud.conf.set_override("max_pending_timeout", 0, "api")
    with pytest.raises(errors.BadRequest, match="not allowed"):
        room.create("p1", timeout=1)
