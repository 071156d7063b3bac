"""A manager who pages through the moves of a project could try out the uuids of others' moves.

The marker was looked for in every project: another's was a place in the list, and not an error.
"""

from pathlib import Path

from tests.functional.isolation.world import World


def test_the_marker_of_a_projects_moves_is_one_of_them(tmp_path: Path) -> None:
    world = World(tmp_path)
    north, south = world.sides["north"], world.sides["south"]
    path = f"/os-migrations?project_id={north.project_id}&marker="

    own = world.ask("manager", "GET", path + north.names["migration_uuid"], version=104)
    others = world.ask("manager", "GET", path + south.names["migration_uuid"], version=104)
    world.close()

    assert (own.status_int, others.status_int) == (200, 400)
