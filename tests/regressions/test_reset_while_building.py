"""A server whose state was reset while it was built counted as a build on its host for ever."""

from tests.simulation.calm import calm_cloud


def test_a_server_that_is_reset_while_it_is_built_leaves_no_build_behind() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create(meta={"fake:spawn_s": "5"})
        cloud.run_s(2.0)
        assert cloud.row(uuid).task_state == "spawning"

        cloud.reset_state(uuid, "error")
        cloud.run_s(90.0)  # a host's claims are checked every minute

        assert [p for p in cloud.problems() if "claims" in p] == []
