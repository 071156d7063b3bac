"""Pages of the log of a server: together they are the whole of it, and each is read by itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db import actions
from minicloud.db.engine import Database
from minicloud.zones.base import ActionFilters
from tests.contract.db.rows import NOW, add_instances, instance
from tests.statements import statements

_WHO = {"user_id": "alice", "project_id": "p1"}


@pytest.fixture
def server(database: Database) -> str:
    """Nine actions, three at a time."""
    (ref,) = add_instances(database, [instance()])

    def work(db: Session) -> None:
        for number in range(9):
            who = {**_WHO, "request_id": f"req-{number}"}
            actions.start(db, [ref], "stop", who, NOW + timedelta(microseconds=number // 3))

    database.write(work)
    return ref


def _page(database: Database, ref: str, wanted: ActionFilters) -> list[str]:
    return [
        row.request_id for row in database.read(lambda db: actions.of_instance(db, ref, wanted))
    ]


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_never_overlap_and_miss_nothing(database: Database, server: str, limit: int) -> None:
    found: list[str] = []
    while page := _page(database, server, ActionFilters(limit, found[-1] if found else None)):
        found += page

    assert found == [f"req-{number}" for number in reversed(range(9))]


def test_no_more_is_read_than_a_page(database: Database, server: str) -> None:
    with statements(database) as said:
        _page(database, server, ActionFilters(2, "req-5"))

    assert len(said) == 2
    assert all("LIMIT" in statement for statement in said)


def test_a_marker_must_be_in_the_list(database: Database, server: str) -> None:
    later = ActionFilters(marker="req-0", changes_since=NOW + timedelta(microseconds=1))

    for wanted in (ActionFilters(marker="req-9"), later):
        with pytest.raises(errors.BadRequest):
            _page(database, server, wanted)


@pytest.mark.parametrize(
    ("parameters", "left"),
    [
        ({"password_hash": "$2b$", "image_ref": "i"}, {"image_ref": "i"}),
        ({"force_hosts": ["node1"]}, {"force_hosts": ["node1"]}),
        ({}, {}),
        (None, None),
    ],
    ids=str,
)
def test_a_password_goes_when_its_action_ends_and_nothing_else_does(
    database: Database, parameters: dict[str, Any] | None, left: dict[str, Any] | None
) -> None:
    (ref,) = add_instances(database, [instance()])
    who = {**_WHO, "request_id": "req-0"}
    started = database.write(lambda db: actions.start(db, [ref], "rebuild", who, NOW, parameters))

    database.write(lambda db: actions.finish(db, started.values(), actions.SUCCESS, NOW))

    ended = database.read(lambda db: actions.one(db, ref, "req-0"))
    assert ended is not None
    assert (ended[0].parameters, ended[0].result) == (left, actions.SUCCESS)
