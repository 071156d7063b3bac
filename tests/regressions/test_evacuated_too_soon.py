"""An evacuation overtook a delete, and moves whose disk was still where it came from."""

import pytest

from minicloud.errors import InvalidState
from tests.simulation.calm import CalmCloud, calm_cloud


def _down(cloud: CalmCloud, host: str | None) -> None:
    """The host is down, and no conductor is there to give up what it does."""
    cloud.world.kill("agent-2" if host == "h3" else "agent-1")
    for name in ("conductor-1", "conductor-2"):
        cloud.world.kill(name)
    cloud.run_s(30.0)


def test_what_was_deleted_is_not_evacuated() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot()
        _down(cloud, cloud.row(uuid).host)
        cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))

        with pytest.raises(InvalidState, match="task_state deleting"):
            cloud.act(uuid, "evacuate")


def test_a_move_to_a_host_that_dies_is_taken_back_and_not_evacuated() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot(meta={"fake:spawn_s": "8"}, force_host="h3")
        cloud.act(uuid, "migrate")
        cloud.run_s(4.0)
        assert (cloud.row(uuid).task_state, cloud.row(uuid).host) != ("resize_finish", "h3")
        _down(cloud, cloud.row(uuid).host)

        with pytest.raises(InvalidState, match="task_state resize_finish"):
            cloud.act(uuid, "evacuate")
        cloud.world.start("conductor-1")
        cloud.run_s(60.0)

        assert (cloud.row(uuid).vm_state, cloud.row(uuid).host) == ("active", "h3")
        assert set(cloud.guests(uuid)) >= {"h3"}
