"""Dry runs: what is told before a boot is what the boot does, and nothing is left of them."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from minicloud.api.app import load
from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.zones.base import ZoneHolder
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually
from tests.functional.image_rows import IMAGE, image
from tests.functional.over_books import asked

Call = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootCloud]:
    with boot_cloud(tmp_path_factory.mktemp("what_if")) as made:
        made.books.write(lambda db: images.insert(db, image(made.books.now())))
        yield made


@pytest.fixture(scope="module")
def call(cloud: BootCloud) -> Call:
    app = load(cloud.conf, cloud.books, ZoneHolder(cloud.zone), name="compute_noauth2")

    def answered(verb: str, path: str, body: Any = None, user: str = "admin") -> tuple[int, Any]:
        reply = asked(app, verb, path, body, user=user)
        return reply.status_int, orjson.loads(reply.body) if reply.body else None

    return answered


def _wanted(flavor: str = "1", hints: Any = None, **more: Any) -> dict[str, Any]:
    server = {"name": "vm", "flavorRef": flavor, "imageRef": IMAGE, **more}
    return {"server": server, "os:scheduler_hints": hints or {}}


def _told(call: Call, path: str = "", **wanted: Any) -> dict[str, Any]:
    status, body = call("POST", f"/scheduling/what-if{path}", _wanted(**wanted))
    assert status == 200, body
    found: dict[str, Any] = body["what_if"]
    return found


def _rows(database: Database) -> dict[str, list[Any]]:
    """All that is in the books, but for the signs of life."""
    tables = set(sa.inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(sa.text(f"SELECT * FROM {table}"))))
            for table in tables - {"members", "services", "service_members"}
        }


def test_a_dry_run_leaves_the_books_as_they_were(cloud: BootCloud, call: Call) -> None:
    before = _rows(cloud.books)

    told = _told(call, min_count=2)

    assert len(told["hosts"]) == 2
    assert told["fits"]["by_room"] > 2
    assert _rows(cloud.books) == before
    assert "compute_nodes" in before


@pytest.fixture
def own(cloud: BootCloud) -> Iterator[list[str]]:
    """The servers of a test, which go with it."""
    made: list[str] = []
    yield made
    for uuid in made:
        cloud.delete(uuid)
    assert eventually(lambda: all(cloud.is_gone(uuid) for uuid in made))


def test_a_placed_server_is_judged_as_if_its_own_room_were_free(
    cloud: BootCloud, call: Call, own: list[str]
) -> None:
    before = _told(call, flavor="5")["fits"]["by_room"]
    own.append(cloud.create("5"))
    host = cloud.wait(own[0], "active").row.host
    status, body = call("GET", f"/servers/{own[0]}/scheduling/now")

    assert (status, body["what_if"]["server"]["host"]) == (200, host)
    assert body["what_if"]["fits"]["by_room"] == before
    assert _told(call, flavor="5")["fits"]["by_room"] == before - 1
