"""A paused guest whose server was deleted, to be restored, while its host was down went on."""

import pytest

from minicloud.errors import ServerNotFound
from minicloud.instance_states import Power
from tests.simulation.calm import calm_cloud


def test_the_guest_of_a_soft_deleted_server_is_off_when_its_host_is_back() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        uuid = cloud.boot(force_host="h3")
        cloud.act(uuid, "pause")
        cloud.run_s(10.0)
        cloud.world.kill("agent-2")
        cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
        cloud.run_s(60.0)
        assert cloud.row(uuid).vm_state == "soft-delete"

        cloud.world.start("agent-2")
        cloud.run_s(30.0)

        assert cloud.guests(uuid)["h3"].power == Power.SHUTDOWN


def test_what_is_unshelved_when_it_is_deleted_is_not_kept_without_a_disk() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        uuid = cloud.boot(meta={"fake:spawn_s": "5"})
        cloud.act(uuid, "shelve")
        cloud.run_s(10.0)
        cloud.act(uuid, "unshelve")
        cloud.run_s(2.0)
        assert cloud.row(uuid).task_state == "spawning"

        cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
        cloud.run_s(30.0)

        with pytest.raises(ServerNotFound):
            cloud.row(uuid)
        assert cloud.problems() == []
