"""With deleted servers kept, a delete that raced an offload was refused: not ready."""

import pytest

from minicloud.errors import ServerNotFound
from tests.simulation.calm import calm_cloud


def test_a_server_that_is_offloaded_before_its_delete_arrives_is_deleted() -> None:
    with calm_cloud(reclaim_s=1000, offload_s=1000) as cloud:
        uuid = cloud.boot()
        cloud.act(uuid, "shelve")
        cloud.run_s(10.0)
        seen = cloud.row(uuid)
        cloud.act(uuid, "shelve_offload")
        cloud.run_s(10.0)
        assert seen.host is not None
        assert cloud.row(uuid).host is None

        cloud.zone.acts.delete(cloud.alice, seen)

        with pytest.raises(ServerNotFound):
            cloud.row(uuid)
