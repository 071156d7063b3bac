"""A stop whose commit was not answered was tried again, and told to conflict with itself."""

import pytest

from minicloud.errors import ServerNotFound
from tests.simulation.calm import calm_cloud


def test_a_stop_whose_commit_was_not_answered_is_carried_out_once() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create()
        cloud.run_s(5.0)
        cloud.world.books.lose_answer_of = "api.stop"

        cloud.zone.acts.act(cloud.alice, cloud.zone.servers.find(cloud.alice, uuid), "stop")
        cloud.run_s(10.0)

        assert cloud.show(uuid).row.vm_state == "stopped"
        log = cloud.zone.servers.actions(cloud.alice, uuid)
        assert [action.action for action in log].count("stop") == 1


def test_a_delete_whose_commit_was_not_answered_is_no_missing_server() -> None:
    with calm_cloud(age_s=0.0) as cloud:  # no conductor yet: the server has no host
        uuid = cloud.create()
        cloud.world.books.lose_answer_of = "api.delete"

        cloud.zone.acts.delete(cloud.alice, cloud.zone.servers.find(cloud.alice, uuid))

        with pytest.raises(ServerNotFound):
            cloud.show(uuid)
