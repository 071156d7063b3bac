"""The list of what each microversion changes is complete, and numbers have their names there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import minicloud.api
from minicloud.api.history import HISTORY, Change
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.versions import MAX, MIN, Since

_API: Final = Path(minicloud.api.__file__).parent
_TABLES: Final = ("routes", "routes_elsewhere", "row", "versions")  # these have numbers
_READERS: Final = sorted(
    path
    for part in (".", "handlers", "middleware", "schemas", "views")
    for path in (_API / part).glob("*.py")
    if path.stem not in _TABLES or part != "."
)
_BY_VERSION: Final = {"since", "until", "strict_from", "version"}  # arguments that are versions


def test_every_microversion_has_its_entry() -> None:
    assert sorted(HISTORY) == list(range(MIN + 1, MAX + 1))


@pytest.mark.parametrize("change", HISTORY.values(), ids=lambda change: str(change.number))
def test_an_entry_says_what_it_changes_or_why_nothing(change: Change) -> None:
    lines = (*change.routes, *change.bodies, *change.queries, *change.answers, *change.statuses)

    assert change.text.endswith(".")
    assert lines or change.names or change.nothing


def test_each_name_of_a_version_is_in_its_entry_and_no_other() -> None:
    told = {name: number for number, change in HISTORY.items() for name in change.names}

    assert told == {name: int(version) for name, version in Since.__members__.items()}


@pytest.mark.parametrize("path", _READERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_version_has_a_name_in_the_code(path: Path) -> None:
    assert list(_bare(ast.parse(path.read_text()))) == []


def _bare(tree: ast.AST) -> Iterator[int]:
    """Lines where a number stands for a version; what is from the first on is 1."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _numbers(node, node.left, *node.comparators)
        elif isinstance(node, ast.keyword) and node.arg in _BY_VERSION:
            yield from _numbers_in(node.value)
        elif isinstance(node, ast.keyword) and node.arg == "later":
            assert isinstance(node.value, ast.Dict)
            yield from (n for key in node.value.keys if key for n in _numbers_in(key))
        elif isinstance(node, ast.Dict) and any(_is_number(key) for key in node.keys):
            yield from (n for key in node.keys if key for n in _numbers_in(key))


def _numbers(node: ast.Compare, *sides: ast.expr) -> Iterator[int]:
    if any("version" in ast.unparse(side).split(".") for side in sides):
        for side in sides:
            yield from _numbers_in(side)


def _is_number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 1


def _numbers_in(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value != 1:
        yield node.lineno


def test_routes_come_and_go_when_the_list_says_so() -> None:
    told: dict[str, list[tuple[str, int]]] = {}
    for number, change in HISTORY.items():
        for line in change.routes:
            told.setdefault(_plain(line[1:]), []).append((line[0], number))

    assert told == {name: changes for name, changes in _windows().items() if changes}


def _windows() -> dict[str, list[tuple[str, int]]]:
    """route or action -> when it comes and goes; rows that follow one another are one."""
    rows: dict[str, list[Row]] = {}
    for row in ALL:
        name = f"action {row.key}" if row.key else f"{row.verb} {row.path}"
        rows.setdefault(_plain(name), []).append(row)
    found = {}
    for name, same in rows.items():
        there = {v for row in same for v in range(row.since, row.until + 1)}
        came = [("+", v) for v in there if v > MIN and v - 1 not in there]
        went = [("-", v + 1) for v in there if v < MAX and v + 1 not in there]
        found[name] = sorted(came + went, key=lambda change: change[1])
    return found


def _plain(route: str) -> str:
    """Without the names of variables."""
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))
