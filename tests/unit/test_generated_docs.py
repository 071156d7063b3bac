"""What doc/ holds of the API is what its tables say."""

import ast
from pathlib import Path

import orjson

from minicloud.api.routes import ALL
from tools import isolation, microversions, openapi, routes

_ROOT = Path(__file__).parent.parent.parent


def test_the_copy_of_the_description_is_not_stale() -> None:
    """If it is: python -m tools.openapi"""
    assert openapi.PATH.read_text() == openapi.text()


def test_the_table_of_routes_is_not_stale() -> None:
    """If it is: python -m tools.routes"""
    assert routes.TABLE.read_text() == routes.made()


def test_every_route_is_proved_by_a_test_that_there_is() -> None:
    """If not: see tools/routes.py, which tells how doc/proofs.json is made."""
    proofs = orjson.loads(routes.PROOFS.read_bytes())
    tests = {test for found in proofs.values() for test in found}

    assert {routes.named(row) for row in ALL} - proofs.keys() == set()
    assert {test for test in tests if not _exists(test)} == set()


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = _ROOT / path
    if not file.exists():
        return False
    return any(
        isinstance(node, ast.FunctionDef) and node.name == name
        for node in ast.walk(ast.parse(file.read_text()))
    )


def test_the_page_of_microversions_is_made_from_the_list() -> None:
    """If it is not: python -m tools.microversions"""
    assert microversions.PATH.read_text() == microversions.text()


def test_the_page_of_who_gets_what_is_made_from_the_matrix() -> None:
    """If it is not: python -m tools.isolation"""
    assert isolation.PATH.read_text() == isolation.text()
