"""Who gets what of whom: every route, asked by everybody, about own, others' and no things."""

from collections.abc import Iterator

import pytest

from tests.functional.isolation.asking import MATRIX, NAMES
from tests.functional.isolation.findings import findings
from tests.functional.isolation.rows import MUST, OF_SERVICES
from tests.functional.isolation.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    """If not: see doc/checklist-url.md."""
    routes, rows = set(NAMES.values()), [must.route for must in (*MUST, *OF_SERVICES)]

    assert routes - set(rows) == set()
    assert set(rows) - routes == set()
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("path", sorted({row.path for row in MATRIX}))
def test_everybody_is_answered_what_the_matrix_says(world: World, path: str) -> None:
    rows = [row for row in MATRIX if row.path == path]

    assert list(findings(world, rows)) == []
