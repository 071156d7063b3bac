"""A rescue that ended after it was given up left a RESCUE that was none, for ever."""

from dataclasses import replace

from tests.simulation.calm import calm_cloud


def test_a_server_that_is_in_rescue_no_more_is_told_to_be_active() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot()
        cloud.act(uuid, "rescue")
        cloud.run_s(10.0)
        [(host, guest)] = cloud.guests(uuid).items()
        assert cloud.row(uuid).vm_state == "rescued"

        cloud.change_guest(host, replace(guest, rescue_image=None))
        cloud.run_s(30.0)

        assert cloud.row(uuid).vm_state == "active"
        assert cloud.problems() == []
