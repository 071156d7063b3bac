"""OSSA-2012-009, CVE-2012-3371: scheduler hints with many ids caused a flood of queries."""

import json
from typing import Any
from uuid import uuid4

import pytest

from minicloud.api.handlers import hints as limits
from minicloud.api.schemas import servers as schemas
from minicloud.db import instances
from minicloud.zones.local import create, server_groups
from tests.functional.advisories import demands_failure
from tests.functional.whole import Person, Whole
from tests.statements import statements


def _ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def _asked(cloud: Whole, who: Person, hints: Any) -> tuple[int, int]:
    """Status, and how often the database was asked."""
    server = {"name": "vm", "flavorRef": "42", "imageRef": cloud.picture()}
    body = {"server": server, "os:scheduler_hints": hints}
    with statements(cloud.books) as said:
        status = cloud.compute("POST", "/servers", body, who).status_int
    return status, len(said)


def hints_cost_what_they_cost(cloud: Whole, alice: Person) -> None:
    """Ten ids or a hundred, known or not, the database is asked the same."""
    cloud.boot(alice)
    few = _asked(cloud, alice, {"different_host": _ids(1)})

    assert few[0] == 202
    assert _asked(cloud, alice, {"different_host": _ids(100)}) == few
    assert _asked(cloud, alice, {"same_host": _ids(100)}) == few
    assert _asked(cloud, alice, {"of_a_filter_of_theirs": _ids(1000)}) == few


def too_many_are_refused_before_anything_is_asked(cloud: Whole, alice: Person) -> None:
    some = _asked(cloud, alice, {"different_host": "no id"})
    for hints in (
        {"different_host": _ids(101)},
        {"same_host": _ids(2500)},
        {"group": _ids(2)},
        {"of_a_filter_of_theirs": _ids(2500)},
        {f"key-{number}": "x" for number in range(33)},
    ):
        status, asked = _asked(cloud, alice, hints)
        assert status == 400
        assert asked <= some[1]
    assert _asked(cloud, alice, {"different_host": _ids(10_000)})[0] == 413


def an_expression_has_its_bounds(cloud: Whole, alice: Person) -> None:
    """The hint `query` is JSON in a text, or JSON itself: so deep and so long and no more."""
    deep: Any = ["=", "$free_ram_mb", 1]
    for _ in range(20):
        deep = {"and": deep}
    wide = json.dumps(["or", *[["=", "$free_ram_mb", n] for n in range(200)]])

    assert _asked(cloud, alice, {"query": '[">=", "$free_ram_mb", 1024]'})[0] == 202
    for query in (deep, wide, "[" * 5000, {"a": "x" * 70_000}):
        assert _asked(cloud, alice, {"query": query})[0] == 400


def test_many_hints_cost_no_more_queries_than_one(cloud: Whole, alice: Person) -> None:
    hints_cost_what_they_cost(cloud, alice)


def test_more_ids_than_anyone_needs_are_refused(cloud: Whole, alice: Person) -> None:
    too_many_are_refused_before_anything_is_asked(cloud, alice)


def test_an_expression_of_any_depth_or_length_is_refused(cloud: Whole, alice: Person) -> None:
    an_expression_has_its_bounds(cloud, alice)


def test_a_query_for_every_id_is_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_up(db: Any, context: Any, hints: Any, *words: Any, **how: Any) -> Any:
        for named in hints.values():
            for ref in named if isinstance(named, list) else [named]:
                instances.get(db, ref)
        return joined(db, context, hints, *words, **how)

    joined = server_groups.joined
    monkeypatch.setattr(create, "joined", looked_up)

    with demands_failure():
        hints_cost_what_they_cost(cloud, alice)


def test_ids_without_a_limit_are_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas.CREATE, "check", lambda value, version, *, legacy: value)

    with demands_failure():
        too_many_are_refused_before_anything_is_asked(cloud, alice)


def test_expressions_without_bounds_are_found(
    cloud: Whole, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DEEPEST", 1000)
    monkeypatch.setattr(limits, "MOST_BYTES", 10**9)
    monkeypatch.setattr(limits, "_check_query", lambda hint: None)

    with demands_failure():
        an_expression_has_its_bounds(cloud, alice)
