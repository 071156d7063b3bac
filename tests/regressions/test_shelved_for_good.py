"""A shelved server that could not be unshelved was never offloaded any more."""

from tests.simulation.calm import calm_cloud


def test_a_shelved_server_is_offloaded_in_time_although_an_unshelve_has_failed() -> None:
    with calm_cloud(offload_s=60) as cloud:
        uuid = cloud.boot()
        cloud.act(uuid, "shelve")
        cloud.run_s(10.0)
        cloud.lose_guest(cloud.row(uuid).host or "", uuid)

        cloud.act(uuid, "unshelve_here")
        cloud.run_s(10.0)
        assert (cloud.row(uuid).vm_state, cloud.row(uuid).task_state) == ("shelved", None)
        cloud.run_s(80.0)

        assert cloud.row(uuid).vm_state == "shelved_offloaded"
        assert cloud.problems() == []
