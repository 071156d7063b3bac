"""Servers of one create get hosts together or not at all, and each its own afterwards."""

import pytest

from minicloud.zones.base import NewServers
from tests.simulation.calm import CalmCloud, calm_cloud


def _create(cloud: CalmCloud, count: int, **wishes: object) -> list[str]:
    """Servers of a flavor of which two fit on each of three hosts."""
    wanted = NewServers("vm", "half", None, min_count=count, max_count=count, **wishes)  # type: ignore[arg-type]
    return [row.uuid for row in cloud.zone.servers.create(cloud.alice, wanted).servers]


def _states(cloud: CalmCloud, uuids: list[str]) -> list[str]:
    return [cloud.row(uuid).vm_state for uuid in uuids]


def test_one_more_than_there_is_room_for_fails_all_and_takes_nothing() -> None:
    with calm_cloud() as cloud:
        too_many = _create(cloud, 7)
        cloud.run_s(10.0)

        assert _states(cloud, too_many) == ["error"] * 7
        faults = [cloud.show(uuid).fault for uuid in too_many]
        assert {fault.message for fault in faults if fault} == {
            "No valid host was found. There are not enough hosts available. Of 3 hosts, refused "
            "by: RamFilter 3. 7 were asked for together; 6 would fit."
        }

        fits = _create(cloud, 6)
        cloud.run_s(10.0)

        assert _states(cloud, fits) == ["active"] * 6
        assert cloud.problems() == []


def test_a_forced_host_without_room_for_all_gets_none() -> None:
    with calm_cloud() as cloud:
        too_many = _create(cloud, 3, force_host="h1")
        cloud.run_s(10.0)
        fits = _create(cloud, 2, force_host="h1")
        cloud.run_s(10.0)

        assert _states(cloud, too_many) == ["error"] * 3
        assert _states(cloud, fits) == ["active"] * 2
        assert {cloud.row(uuid).host for uuid in fits} == {"h1"}
        assert cloud.problems() == []


def test_one_that_is_deleted_meanwhile_fails_no_other() -> None:
    with calm_cloud() as cloud:
        uuids = _create(cloud, 7)
        cloud.zone.acts.delete(cloud.alice, cloud.row(uuids[3]))
        cloud.run_s(10.0)

        del uuids[3]
        assert _states(cloud, uuids) == ["active"] * 6
        assert cloud.problems() == []


def test_of_those_whose_build_fails_each_is_tried_again_for_itself() -> None:
    with calm_cloud() as cloud:
        uuids = _create(cloud, 5, meta={"fake:fail_spawn": "h1"})
        cloud.run_s(20.0)

        states = _states(cloud, uuids)
        assert sorted(states) == ["active"] * 4 + ["error"]
        assert {cloud.row(uuid).host for uuid in uuids} == {"h2", "h3", None}
        assert cloud.problems() == []


@pytest.mark.parametrize("place", ["scheduler.claim:before", "scheduler.claim:after"])
def test_a_scheduler_that_dies_in_the_claim_places_all_or_none(place: str) -> None:
    with calm_cloud(crash_at=place) as cloud:
        uuids = _create(cloud, 6)
        cloud.run_s(2.0)
        tasks = {cloud.row(uuid).launched_on is None for uuid in uuids}
        cloud.run_s(60.0)

        assert len(tasks) == 1
        assert _states(cloud, uuids) == ["active"] * 6
        assert cloud.problems() == []
