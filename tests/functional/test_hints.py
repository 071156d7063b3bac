"""Hints over HTTP: those of Nova's forms are kept, others are refused with a reason."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import WANTED, stock

__all__ = ["database"]  # a fixture

_ID = "00000000-0000-4000-8000-000000000001"


def _nested(depth: int, inside: Any = 1) -> Any:
    for _ in range(depth):
        inside = [inside]
    return inside


def _deep(depth: int) -> orjson.Fragment:
    """Deeper than can be written from values."""
    return orjson.Fragment("[" * depth + "]" * depth)


def _boot(app: Any, hints: Any, user: str = "alice") -> tuple[int, Any]:
    reply = asked(
        app, "POST", "/servers", {"server": WANTED, "os:scheduler_hints": hints}, user=user
    )
    return reply.status_int, reply.json


def _row(database: Database, uuid: str) -> Instance:
    query = sa.select(Instance).options(undefer(Instance.request)).where(Instance.uuid == uuid)
    return database.read(lambda db: db.scalars(query).one())


def _app(database: Database, directory: Path, filters: str = "") -> Any:
    stock(database)
    if not filters:
        return application(database, directory)
    config = directory / "minicloud.conf"
    config.write_text(f"[filter_scheduler]\nenabled_filters = {filters}\n")
    return application(database, directory, config_file=config)


def test_what_is_no_hint_is_refused_with_a_reason(database: Database, tmp_path: Path) -> None:
    app = _app(database, tmp_path)
    near = {"build_near_host_ip": "10.0.0.1"}
    for hints, said in (
        ({"same_host": [_ID] * 101}, "same_host"),
        ({"same_host": [_ID] * 2000}, "same_host"),
        ({"different_host": ["me"] * 100}, "does not match"),
        ({"different_host": [_ID, 5]}, "is not of type"),
        ({"same_host": 5}, "same_host"),
        ({"same_host": {}}, "same_host"),
        ({"same_host": _deep(400)}, "is not of type"),
        ({"same_host": _nested(7, [_ID] * 1000)}, "Invalid input"),
        ({"query": "[" * 4000}, "query is not JSON"),
        ({"query": _deep_query(1000)}, "query"),
        ({"query": json.dumps(["or", *range(400)])}, "query has more than"),
        ({"query": json.dumps(["and", *_compared(200)])}, "query"),
        ({"query": "x" * 5000}, "query"),
        ({"query": "5"}, "query must be a list"),
        ({"query": '["like", 1]'}, "query has no operator"),
        ({"query": {">=": ["$free_ram_mb", 1]}}, "query must be a text"),
        ({"query": 5}, "query"),
        ({"query": ['["and"]']}, "query"),
        ({"build_near_host_ip": "10.0.0"}, "build_near_host_ip"),
        ({"build_near_host_ip": "fe80::1%eth0"}, "build_near_host_ip"),
        ({"build_near_host_ip": 167772161}, "build_near_host_ip"),
        ({**near, "cidr": "/33"}, "is no network"),
        ({**near, "cidr": "/255.0.255.0"}, "is no network"),
        ({**near, "cidr": "24"}, "cidr"),
        ({**near, "cidr": "/" + "f" * 60}, "cidr"),
        ({"build_near_host_ip": "fd00::1", "cidr": "/255.0.0.0"}, "is no network"),
        ({"group": "web"}, "'web' is not a 'uuid'"),
        ({"group": ""}, "group"),
        ({"group": None}, "group"),
        ({"group": [_ID]}, "group"),
        ({"group": "x" * 300}, "group"),
        ({"target_cell": 5}, "target_cell"),
        ({"different_cell": [5]}, "is not of type"),
        ({"of_mine": "x" * 70_000}, "too large"),
        ({"of_mine": _nested(9)}, "nested too deeply"),
        ({"of_mine": _deep(900)}, "nested too deeply"),
        ({"of_mine": [{"a": _deep(1000)} for _ in range(9)]}, "nested too deeply"),
        ({"of_mine": [0] * 35_000}, "too large"),
        ({f"hint{number}": 1 for number in range(33)}, ""),
        ([], ""),
        ("query", ""),
    ):
        status, body = _boot(app, hints)
        assert status == 400, (hints, body)
        assert said in body["badRequest"]["message"], hints
    assert database.read(lambda db: db.query(Instance).count()) == 0


def _deep_query(depth: int) -> str:
    return '["not", ' * depth + "true" + "]" * depth


def _compared(count: int) -> list[Any]:
    return [["=", f"$fact{n}", n] for n in range(count)]


def test_hints_of_all_forms_are_kept_as_they_came(database: Database, tmp_path: Path) -> None:
    app = _app(database, tmp_path)
    hints: dict[str, Any]
    for hints in (
        {"same_host": _ID, "different_host": [_ID] * 100},
        {"same_host": _ID.replace("-", "").upper(), "query": ""},
        {"query": '["and", [">=", "$free_ram_mb", 64], ["in", "$host", "node1", "node2"]]'},
        {"same_host": [], "query": {}},
        {"build_near_host_ip": "10.0.0.1"},
        {"build_near_host_ip": "10.0.0.1", "cidr": "/255.255.0.0"},
        {"build_near_host_ip": "fd00::1", "cidr": "/64"},
        {"cidr": "/24"},
        {"target_cell": "cell1", "different_cell": ["a", "b"]},
        {"reservation": _ID, "of_mine": {"deep": _nested(5)}, "text": "é", "none": None},
    ):
        status, body = _boot(app, hints)
        assert status == 202, body
        row = _row(database, body["server"]["id"])
        assert row.request["hints"] == hints


@pytest.mark.parametrize("name", ["GroupAffinityFilter", "GroupAntiAffinityFilter"])
def test_a_group_may_have_any_name_where_a_filter_goes_by_it(
    database: Database, tmp_path: Path, name: str
) -> None:
    app = _app(database, tmp_path, f"ComputeFilter,{name}")

    assert _boot(app, {"group": "web servers"})[0] == 202
    status, body = _boot(app, {"group": _ID})

    assert status == 400
    assert body["badRequest"]["message"] == f"Instance group {_ID} could not be found."
