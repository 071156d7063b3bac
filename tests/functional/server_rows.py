"""Servers made over the API of tests/functional/over_books.py, and put on hosts by hand."""

from typing import Any, Final

import orjson

from minicloud.db import claims, flavors, images, instances, placements
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from tests.contract.db.rows import add_host
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import asked

WANTED: Final = {"name": "vm", "flavorRef": "42", "imageRef": IMAGE}


def stock(database: Database, **of_image: Any) -> None:
    """Flavors, an image, and room on the host node1."""
    now = database.now()
    database.write(lambda db: flavors.add_devstack(db, now))
    database.write(lambda db: images.insert(db, image(now, **of_image)))
    add_host(database, "node1")


def post(app: Any, *, version: int = 1, user: str = "alice", **fields: Any) -> tuple[int, Any]:
    """Status, and the server's id or the message of the refusal."""
    body = {"server": WANTED | fields}
    reply = asked(app, "POST", "/servers", body, version=version, user=user)
    found = orjson.loads(reply.body)
    if reply.status_int == 202:
        return 202, found["server"]["id"]
    return reply.status_int, next(iter(found.values()))["message"]


def get(app: Any, path: str, *, version: int = 1, user: str = "alice") -> Any:
    reply = asked(app, "GET", path, version=version, user=user)
    assert reply.status_int == 200, reply.body
    return orjson.loads(reply.body)


def place(database: Database, ref: str, host: str = "node1") -> Instance:
    """As a scheduler does it."""
    row = read(database, ref)
    pick = claims.Pick(ref, row.generation, host, host, None)
    outcome = database.write(lambda db: placements.record(db, [pick], database.now()))
    assert outcome.placed == [pick]
    return read(database, ref)


def run(database: Database, ref: str, **facts: Any) -> Instance:
    """Place it, as a scheduler does, and start it, as its host does."""
    place(database, ref)
    started: dict[str, Any] = {"vm_state": "active", "task_state": None, "power_state": 1}
    started |= {"launched_at": database.now(), "launched_on": "node1"}
    database.write(lambda db: instances.describe(db, ref, started | facts))
    return read(database, ref)


def read(database: Database, ref: str) -> Instance:
    row = database.read(lambda db: instances.get(db, ref, deleted=True))
    assert row is not None
    return row
