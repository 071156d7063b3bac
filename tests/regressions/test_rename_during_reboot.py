"""A rename raised the generation, so the host's report was dropped and it rebooted once more."""

from tests.simulation.calm import calm_cloud


def test_a_rename_changes_nothing_of_what_is_under_way() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create()
        cloud.run_s(5.0)
        before = cloud.show(uuid).row.generation

        cloud.zone.servers.update(cloud.alice, uuid, {"display_name": "renamed"})

        row = cloud.show(uuid).row
        assert (row.display_name, row.generation) == ("renamed", before)
