"""A resized server whose new guest was lost kept room on its old host for ever, as an error."""

from tests.simulation.calm import calm_cloud


def test_a_resized_server_whose_guest_is_lost_can_be_reverted() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot()
        old = cloud.row(uuid).host
        cloud.act(uuid, "migrate")
        cloud.run_s(15.0)
        cloud.lose_guest(cloud.row(uuid).host or "", uuid)
        cloud.run_s(30.0)
        assert cloud.row(uuid).vm_state == "resized"

        cloud.act(uuid, "revert_resize")
        cloud.run_s(30.0)

        assert (cloud.row(uuid).vm_state, cloud.row(uuid).host) == ("active", old)
        assert set(cloud.guests(uuid)) == {old}
        assert cloud.problems() == []
