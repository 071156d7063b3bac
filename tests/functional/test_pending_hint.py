"""The hint pending_timeout at the API: what is a time to wait, and what is not."""

from typing import Any

import pytest

from minicloud.db import flavors, images
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.instance_states import TASKS, Task
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import Call, call, database

__all__ = ("call", "database")
_NONE = [0, -1, 86401, "0", "-5", "86401", "", "x", " 5", "5.0", "\u0665", 1.5, True, [600], {}]


def _create(database: Database, call: Call, hints: object) -> tuple[int, Any]:
    database.write(lambda db: flavors.add_devstack(db, database.now()))
    database.write(lambda db: images.insert(db, image(database.now())))
    server = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}
    return call("POST", "/servers", {"server": server, "os:scheduler_hints": hints})


@pytest.mark.parametrize("value", _NONE, ids=repr)
def test_what_is_no_time_to_wait_is_refused(database: Database, call: Call, value: object) -> None:
    status, body = _create(database, call, {"pending_timeout": value})

    assert status == 400
    assert "pending_timeout must be a whole number" in body["badRequest"]["message"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(1, 1), ("1", 1), (600, 600), ("600", 600), ("0086400", 86400), (86400, 86400), (None, None)],
)
def test_a_time_to_wait_is_a_number_or_its_text(
    database: Database, call: Call, value: object, seconds: int | None
) -> None:
    status, body = _create(database, call, {"pending_timeout": value})

    assert status == 202, body
    row = database.read(lambda db: db.query(Instance).one())
    asked = database.read(lambda db: db.query(Instance.request).scalar())
    assert asked["pending_s"] == seconds
    scheduling_s = TASKS[Task.SCHEDULING].deadline_s
    assert row.deadline_at is not None
    waits_s = (row.deadline_at - row.created_at).total_seconds()
    assert waits_s == max(scheduling_s, seconds or 0)
