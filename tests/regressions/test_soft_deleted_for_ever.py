"""A second delete was passed over where it had something to do."""

import pytest

from minicloud.errors import ServerNotFound
from tests.simulation.calm import CalmCloud, calm_cloud


def _soft_deleted(cloud: CalmCloud) -> str:
    uuid = cloud.boot()
    cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
    cloud.run_s(10.0)
    assert cloud.row(uuid).vm_state == "soft-delete"
    return uuid


def test_a_delete_is_for_good_where_deleted_servers_are_no_longer_kept() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        uuid = _soft_deleted(cloud)
        cloud.zone.acts._conf.set_override("reclaim_instance_interval", 0)

        cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
        cloud.run_s(10.0)

        with pytest.raises(ServerNotFound):
            cloud.row(uuid)


def test_a_server_that_is_deleted_while_it_is_restored_does_not_come_back() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        uuid = _soft_deleted(cloud)
        cloud.act(uuid, "restore")
        assert cloud.row(uuid).task_state == "restoring"

        cloud.zone.acts.delete(cloud.alice, cloud.row(uuid))
        cloud.run_s(10.0)

        assert cloud.row(uuid).vm_state == "soft-delete"


def test_a_soft_delete_does_not_take_the_place_of_one_for_good() -> None:
    with calm_cloud(reclaim_s=1000) as cloud:
        uuid = cloud.boot()
        seen = cloud.row(uuid)
        cloud.act(uuid, "force_delete")

        cloud.zone.acts.delete(cloud.alice, seen)
        cloud.run_s(10.0)

        with pytest.raises(ServerNotFound):
            cloud.row(uuid)
