"""A connection lost at the very moment of the commit made a create run twice: one request, two
servers, of which the client knew one."""

from minicloud.zones.base import Page, ServerFilters
from tests.simulation.calm import calm_cloud


def test_a_create_whose_commit_was_not_answered_makes_its_servers_once() -> None:
    with calm_cloud() as cloud:
        cloud.world.books.lose_answer_of = "api.create"

        uuid = cloud.create()

        views = cloud.zone.servers.list(cloud.alice, ServerFilters(), Page(10), detail=True)
        assert [view.row.uuid for view in views] == [uuid]
        cloud.run_s(10.0)
        assert cloud.show(uuid).row.vm_state == "active"
