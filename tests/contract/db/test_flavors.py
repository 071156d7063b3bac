"""Flavors: pages in any order, access, and names by expression, on every database."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from minicloud import errors
from minicloud.db import flavors, usages
from minicloud.db.engine import Database
from tests.contract.db.rows import NOW, add_instances, instance, together


def _add(database: Database, number: int, **more: Any) -> str:
    facts = {
        "flavorid": str(number),
        "name": f"flavor.{number}",
        "vcpus": 1,
        "memory_mb": 512 * (number % 3 + 1),
        "root_gb": 1,
        "rxtx_factor": 1 + number / 4,
        "is_public": number % 2 == 0,
        "description": None if number % 2 else f"no. {number}",
        **more,
    }
    now = NOW + timedelta(microseconds=number)
    database.write(lambda db: flavors.add(db, facts, now))
    return str(number)


def _page(
    database: Database,
    filters: dict[str, Any],
    limit: int = 10,
    marker: str | None = None,
    sort: tuple[str, str] = ("flavorid", "asc"),
    project_id: str = "p1",
) -> list[str]:
    rows = database.read(lambda db: flavors.page(db, filters, limit, marker, sort, project_id))
    return [row.flavorid for row in rows]


@pytest.mark.parametrize("key", sorted(flavors.SORT_KEYS))
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_lead_through_all_flavors_in_any_order(
    database: Database, key: str, direction: str
) -> None:
    made = {_add(database, number) for number in range(5)}
    order = (key, direction)

    whole = _page(database, {}, sort=order)
    seen: list[str] = []
    while len(seen) <= 5 and (page := _page(database, {}, 2, seen[-1] if seen else None, order)):
        seen += page

    assert seen == whole
    assert set(seen) == made


def test_a_project_sees_what_is_public_and_what_it_has_access_to(database: Database) -> None:
    for number in range(4):
        _add(database, number)
    database.write(lambda db: flavors.add_access(db, flavors.locked(db, "3"), "p1"))

    assert _page(database, {"is_public": True}) == ["0", "2", "3"]
    assert _page(database, {"is_public": True}, project_id="p2") == ["0", "2"]
    assert _page(database, {"is_public": False}) == ["1", "3"]
    assert database.read(lambda db: flavors.get(db, "3", "p1")).flavorid == "3"
    with pytest.raises(errors.FlavorNotFound):
        database.read(lambda db: flavors.get(db, "3", "p2"))


def test_access_given_by_many_at_once_is_given_once(database: Database) -> None:
    _add(database, 1)

    def give(_number: int) -> str:
        try:
            database.write(lambda db: flavors.add_access(db, flavors.locked(db, "1"), "p1"))
        except errors.FlavorAccessExists:
            return "there"
        return "given"

    assert Counter(together(10, give)) == {"given": 1, "there": 9}


def test_one_of_many_flavors_of_one_name_is_made_at_once(database: Database) -> None:
    def make(number: int) -> str:
        try:
            _add(database, number, name="wanted")
        except errors.FlavorExists as error:
            return str(error.args[0])
        return "made"

    assert Counter(together(10, make)) == {"made": 1, "name": 9}


def test_a_name_is_found_by_an_expression(database: Database) -> None:
    for number in range(3):
        _add(database, number)

    assert _page(database, {"name": "r.2"}) == ["2"]
    assert _page(database, {"name": "^flavor.[01]$"}) == ["0", "1"]
    with pytest.raises(errors.BadRequest, match="Invalid filter name"):
        _page(database, {"name": "(("})


def test_runs_are_paged_by_project_and_uuid(database: Database) -> None:
    ran: dict[str, Any] = {"launched_at": NOW, "terminated_at": None}
    rows = [instance(**ran, project_id=project) for project in ("p2", "p1", "p1", "p3")]
    add_instances(database, [*rows, instance(launched_at=None)])
    end = NOW + timedelta(hours=1)

    def page(after: tuple[str, str] | None) -> list[tuple[str, str]]:
        found = database.read(lambda db: usages.between(db, NOW, end, None, 1, after))
        return [(row.project_id, row.uuid) for row in found]

    seen: list[tuple[str, str]] = []
    while len(seen) <= len(rows) and (found := page(seen[-1] if seen else None)):
        seen += found

    assert seen == sorted((row["project_id"], row["uuid"]) for row in rows)
    assert database.read(lambda db: usages.place(db, rows[0]["uuid"])) == ("p2", rows[0]["uuid"])
