"""Those that wait for room outlive whoever looks after them."""

import pytest

from minicloud.db import actions
from tests.simulation.calm import CalmCloud, calm_cloud

_PLACES = 6  # of servers of "half" on h1, h2 and h3
_MINDERS = ("conductor-1", "conductor-2", "scheduler-1", "scheduler-2")


def _fill(cloud: CalmCloud) -> list[str]:
    made = [cloud.create("half") for _ in range(_PLACES)]
    cloud.run_s(10.0)
    assert {cloud.row(uuid).vm_state for uuid in made} == {"active"}
    return made


def _create(cloud: CalmCloud, seconds: int = 1000) -> str:
    return cloud.create("half", hints={"pending_timeout": seconds})


def _is_pending(cloud: CalmCloud, uuid: str) -> bool:
    row = cloud.row(uuid)
    return (row.vm_state, row.task_state, row.due_at) == ("building", "pending", row.deadline_at)


def _restart(cloud: CalmCloud) -> None:
    for name in _MINDERS:
        cloud.world.kill(name)
    for name in _MINDERS:
        cloud.world.start(name)


@pytest.mark.parametrize("place", ["before", "after"])
def test_who_dies_while_a_server_begins_to_wait_is_not_missed(place: str) -> None:
    with calm_cloud() as cloud:
        filling = _fill(cloud)
        cloud.world.books.crash_at = f"conductor.pend:{place}"
        uuid = _create(cloud)
        cloud.run_s(20.0)

        assert len(cloud.world.dead()) == 1
        assert _is_pending(cloud, uuid)
        cloud.act(filling[0], "delete")
        cloud.run_s(10.0)

        assert cloud.row(uuid).vm_state == "active"
        assert not cloud.problems()


@pytest.mark.parametrize("place", ["before", "after"])
def test_who_dies_while_a_server_that_waits_is_placed_is_not_missed(place: str) -> None:
    with calm_cloud() as cloud:
        filling = _fill(cloud)
        uuid = _create(cloud)
        cloud.run_s(10.0)
        cloud.world.books.crash_at = f"scheduler.claim:{place}"

        cloud.act(filling[0], "delete")
        cloud.run_s(30.0)

        assert len(cloud.world.dead()) == 1
        assert cloud.row(uuid).vm_state == "active"
        assert not cloud.problems()


def test_all_who_could_know_are_killed_and_the_server_gets_its_room() -> None:
    with calm_cloud() as cloud:
        filling = _fill(cloud)
        uuid = _create(cloud)
        cloud.run_s(10.0)

        _restart(cloud)
        cloud.run_s(10.0)
        assert _is_pending(cloud, uuid)
        cloud.act(filling[0], "delete")
        cloud.run_s(10.0)

        assert cloud.row(uuid).vm_state == "active"
        assert not cloud.problems()


def test_room_that_is_made_while_all_are_dead_is_found() -> None:
    with calm_cloud() as cloud:
        filling = _fill(cloud)
        uuid = _create(cloud)
        cloud.run_s(10.0)
        cloud.act(filling[0], "delete")
        _restart(cloud)

        cloud.run_s(30.0)

        assert cloud.row(uuid).vm_state == "active"
        assert not cloud.problems()


def test_a_deadline_that_passes_while_all_are_dead_is_kept_by_who_comes_next() -> None:
    with calm_cloud() as cloud:
        _fill(cloud)
        uuid = _create(cloud, 30)
        cloud.run_s(10.0)
        for name in _MINDERS:
            cloud.world.kill(name)
        cloud.run_s(60.0)
        assert cloud.row(uuid).vm_state == "building"
        for name in _MINDERS:
            cloud.world.start(name)

        cloud.run_s(2.5)

        assert cloud.row(uuid).vm_state == "error"
        (fault,) = cloud.world.books.read(lambda db: actions.latest_faults(db, [uuid])).values()
        assert fault.machine_code == "NO_VALID_HOST"
        assert "RamFilter 3" in fault.message or "CoreFilter 3" in fault.message
        assert not cloud.problems()


def test_the_deadline_is_kept_to_a_tick() -> None:
    with calm_cloud() as cloud:
        _fill(cloud)
        uuid = _create(cloud, 30)

        cloud.run_s(29.5)
        before = cloud.row(uuid).vm_state
        cloud.run_s(2.0)

        assert (before, cloud.row(uuid).vm_state) == ("building", "error")


def test_a_timeout_longer_than_that_of_scheduling_outlives_the_schedulers() -> None:
    with calm_cloud() as cloud:
        for name in ("scheduler-1", "scheduler-2"):
            cloud.world.kill(name)
        uuid = _create(cloud, 1000)
        cloud.run_s(600.0)
        for name in ("scheduler-1", "scheduler-2"):
            cloud.world.start(name)

        cloud.run_s(30.0)

        assert cloud.row(uuid).vm_state == "active"


def test_a_host_that_is_back_is_room() -> None:
    with calm_cloud() as cloud:
        cloud.world.kill("agent-2")
        cloud.run_s(60.0)
        for _ in range(4):
            cloud.boot("half")
        uuid = _create(cloud)
        cloud.run_s(30.0)
        assert _is_pending(cloud, uuid)

        cloud.world.start("agent-2")
        cloud.run_s(20.0)

        assert (cloud.row(uuid).vm_state, cloud.row(uuid).host) == ("active", "h3")


def test_a_build_that_fails_makes_room_for_another() -> None:
    with calm_cloud() as cloud:
        for _ in range(_PLACES - 1):
            cloud.boot("half")
        meta = {"fake:fail_spawn": "*", "fake:spawn_s": "20"}
        fails = cloud.create("half", meta=meta)
        cloud.run_s(5.0)
        uuid = _create(cloud)
        cloud.run_s(5.0)
        assert _is_pending(cloud, uuid)

        cloud.run_s(120.0)

        assert cloud.row(uuid).vm_state == "active"
        assert cloud.row(fails).vm_state == "error"


def test_a_server_that_waits_is_deleted_at_once_by_no_help() -> None:
    with calm_cloud() as cloud:
        _fill(cloud)
        uuid = _create(cloud)
        cloud.run_s(10.0)
        for name in _MINDERS:
            cloud.world.kill(name)

        cloud.act(uuid, "delete")

        gone = cloud.zone.servers.find(cloud.root, uuid, anywhere=True, deleted=True)
        assert gone.vm_state == "deleted"
