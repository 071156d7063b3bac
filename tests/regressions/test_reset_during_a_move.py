"""A reset in the middle of a move left the server on the host that had no disk of it yet, and
gave the one that had it up."""

import pytest

from tests.simulation.calm import calm_cloud


@pytest.mark.parametrize("state", ["active", "error"])
def test_a_server_that_is_reset_while_it_is_made_elsewhere_keeps_its_disk(state: str) -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot(meta={"fake:spawn_s": "5"})
        before = cloud.row(uuid)
        made = cloud.guests(uuid)[before.host or ""].marks
        cloud.act(uuid, "resize", flavor="half")
        cloud.run_s(3.0)
        assert (cloud.row(uuid).task_state, cloud.row(uuid).vcpus) == ("resize_finish", 2)

        cloud.reset_state(uuid, state)
        cloud.run_s(60.0)

        row = cloud.row(uuid)
        assert (row.host, row.vcpus) == (before.host, 1)
        assert {host: guest.marks for host, guest in cloud.guests(uuid).items()} == {
            row.host: made
        }
        assert [p for p in cloud.problems() if "fault" not in p] == []


def test_a_server_that_is_reset_while_it_is_reverted_keeps_its_disk() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot()
        old = cloud.row(uuid).host
        cloud.act(uuid, "migrate")
        cloud.run_s(15.0)
        cloud.act(uuid, "revert_resize")

        cloud.reset_state(uuid, "active")
        cloud.run_s(60.0)

        assert (cloud.row(uuid).host, set(cloud.guests(uuid))) == (old, {old})
        assert cloud.problems() == []
