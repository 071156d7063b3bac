"""PUT /servers/{server_id} with pinned_availability_zone, from 2.104."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import post, run, stock

__all__ = ["database"]


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database)
    return application(database, tmp_path)


def _put(app: Any, ref: str, zone: str | None, version: int = 104) -> tuple[int, Any]:
    body = {"server": {"pinned_availability_zone": zone}}
    reply = asked(app, "PUT", f"/servers/{ref}", body, user="alice", version=version)
    found = orjson.loads(reply.body)
    if reply.status_int == 200:
        return 200, found["server"]["pinned_availability_zone"]
    return reply.status_int, next(iter(found.values()))["message"]


def test_a_server_is_pinned_where_it_is_and_let_go_before_it_is_pinned_elsewhere(
    app: Any, database: Database
) -> None:
    _, ref = post(app)
    run(database, ref)

    assert _put(app, ref, "moon") == (
        409,
        "Server can only be pinned to its current availability zone 'nova', "
        "but 'moon' was requested.",
    )
    assert _put(app, ref, "nova") == (200, "nova")
    assert _put(app, ref, "nova") == (200, "nova")
    assert _put(app, ref, "moon") == (
        409,
        "Cannot change pinned availability zone directly. "
        "Unpin first by setting pinned_availability_zone to null.",
    )
    assert _put(app, ref, None) == (200, None)


def test_before_2_104_there_is_no_such_field(app: Any, database: Database) -> None:
    _, ref = post(app)
    run(database, ref)

    assert _put(app, ref, "nova", version=103)[0] == 400
