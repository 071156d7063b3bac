"""Lists of migrations over the real books: fields by version, filters, pages, and one server's."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Migration
from tests.contract.db.rows import add_host, add_instances, instance
from tests.functional.over_books import application, asked, database

__all__ = ["database"]  # a fixture

T0: Final = datetime(2026, 3, 1, 12, 0, 0, 123456)
FIELDS: Final = {
    *("id", "source_compute", "source_node", "dest_compute", "dest_host", "dest_node", "status"),
    *("created_at", "updated_at", "instance_uuid", "old_instance_type_id", "new_instance_type_id"),
}
BYTES: Final = {
    f"{what}_{amount}_bytes"
    for what in ("memory", "disk")
    for amount in ("total", "processed", "remaining")
}


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    add_host(database, "node2")
    return application(database, tmp_path)


@pytest.fixture
def server(database: Database) -> str:
    (ref,) = add_instances(database, [instance(vm_state="active", task_state=None, host="node1")])
    return ref


def _move(database: Database, number: int, server: str = "", **changes: Any) -> str:
    row = {
        "id": number,
        "uuid": str(UUID(int=number)),
        "instance_uuid": server or str(UUID(int=99)),
        "migration_type": "live-migration",
        "status": "running",
        "source_compute": "node1",
        "source_node": "node1",
        "dest_compute": "node2",
        "dest_node": "node2",
        "old_flavor": {"id": 3},
        "new_flavor": {"id": 4},
        "user_id": "alice",
        "project_id": "p1",
        "created_at": T0 + timedelta(hours=number),
        "updated_at": T0 + timedelta(hours=number),
        **changes,
    }
    database.write(lambda db: db.execute(sa.insert(Migration), [row]))
    return str(row["uuid"])


def _get(app: Any, path: str, version: int = 80) -> Any:
    reply = asked(app, "GET", path, version=version)
    assert reply.status_int == 200, reply.body
    return orjson.loads(reply.body)


def _ids(app: Any, query: str = "", version: int = 80) -> list[int]:
    return [one["id"] for one in _get(app, f"/os-migrations?{query}", version)["migrations"]]


@pytest.mark.parametrize(
    ("version", "added"),
    [
        (1, set()),
        (22, set()),
        (23, {"migration_type", "links"}),
        (59, {"migration_type", "links", "uuid"}),
        (80, {"migration_type", "links", "uuid", "user_id", "project_id"}),
    ],
)
def test_each_version_shows_its_fields(
    app: Any, database: Database, version: int, added: set[str]
) -> None:
    _move(database, 1)

    (shown,) = _get(app, "/os-migrations", version)["migrations"]

    assert set(shown) == FIELDS | added
    assert (shown["dest_compute"], shown["dest_host"]) == ("node2", "127.0.0.1")
    assert (shown["old_instance_type_id"], shown["new_instance_type_id"]) == (3, 4)
    assert shown["created_at"] == "2026-03-01T13:00:00.123456"


@pytest.mark.parametrize(
    "changes", [{"migration_type": "resize"}, {"status": "completed"}, {"status": "error"}]
)
def test_only_a_live_migration_under_way_has_links(
    app: Any, database: Database, changes: dict[str, str]
) -> None:
    _move(database, 1, **changes)

    assert "links" not in _get(app, "/os-migrations")["migrations"][0]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [3, 2, 1]),
        ("status=running", [3]),
        ("migration_type=resize", [2, 1]),
        ("source_compute=node1", [3, 1]),
        ("host=node2", [3, 2, 1]),
        ("host=node3", [2]),
        (f"instance_uuid={UUID(int=7)}", [1]),
        ("user_id=bob", [2]),
        ("project_id=p2&user_id=alice", []),
        ("changes-since=2026-03-01T14:00:00", [3, 2]),
        ("changes-before=2026-03-01T14:00:00", [1]),
        ("hidden=false", [3, 2, 1]),
        ("limit=2", [3, 2]),
        (f"marker={UUID(int=2)}", [1]),
        ("limit=0", []),
    ],
)
def test_a_list_is_narrowed_and_newest_first(
    app: Any, database: Database, query: str, ids: list[int]
) -> None:
    resize = {"migration_type": "resize", "status": "finished"}
    _move(database, 1, str(UUID(int=7)), **resize)
    _move(database, 2, source_compute="node3", user_id="bob", project_id="p2", **resize)
    _move(database, 3)

    assert _ids(app, query) == ids


def test_pages_lead_through_the_whole_list(app: Any, database: Database) -> None:
    for number in range(1, 6):
        _move(database, number, created_at=T0 + timedelta(hours=number // 2))
    seen: list[int] = []
    path = "/os-migrations?limit=2"
    while path:
        page = _get(app, path, 59)
        seen += [one["id"] for one in page["migrations"]]
        links = page.get("migrations_links", [])
        path = links[0]["href"].removeprefix("http://localhost/v2.1") if links else ""

    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("version", "query"),
    [
        (59, "marker=nowhere"),
        (59, "changes-since=yesterday"),
        (59, "changes-before=2026-03-01"),
        (59, "user_id=u"),
        (59, "odd=1"),
        (66, "changes-since=2026-03-02&changes-before=2026-03-01"),
        (79, "project_id=p"),
    ],
)
def test_a_query_that_makes_no_sense_is_a_bad_request(app: Any, version: int, query: str) -> None:
    assert asked(app, "GET", f"/os-migrations?{query}", version=version).status_int == 400


def test_before_paging_unknown_parameters_are_dropped(app: Any, database: Database) -> None:
    _move(database, 1)

    assert _ids(app, "limit=0&marker=x&odd=1&user_id=bob", 58) == [1]


def test_a_server_shows_its_live_migrations_that_are_under_way(
    app: Any, database: Database, server: str
) -> None:
    for number, status in enumerate(("queued", "preparing", "running", "post-migrating"), 1):
        _move(database, number, server, status=status)
    _move(database, 8, server, status="completed")
    _move(database, 9, server, migration_type="migration", status="migrating")
    _move(database, 10)

    shown = _get(app, f"/servers/{server}/migrations", 23)["migrations"]

    assert [one["id"] for one in shown] == [1, 2, 3, 4]
    old = FIELDS - {"instance_uuid", "old_instance_type_id", "new_instance_type_id"}
    assert set(shown[0]) == old | {"server_uuid"} | BYTES
    one = _get(app, f"/servers/{server}/migrations/3", 80)["migration"]
    assert set(one) == set(shown[0]) | {"uuid", "user_id", "project_id"}
    assert one["server_uuid"] == server


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("1", "Migration 1 not found for instance {0}"),
        ("x", "Migration x not found for instance {0}"),
        ("99999999999", "Migration 99999999999 not found for instance {0}"),
        ("8", "Live migration 8 for server {0} is not in progress."),
        ("9", "Migration 9 for server {0} is not live-migration."),
    ],
)
def test_another_migration_is_not_found(
    app: Any, database: Database, server: str, ref: str, message: str
) -> None:
    _move(database, 1)
    _move(database, 8, server, status="completed")
    _move(database, 9, server, migration_type="resize")

    reply = asked(app, "GET", f"/servers/{server}/migrations/{ref}", version=23)

    assert reply.status_int == 404
    assert orjson.loads(reply.body)["itemNotFound"]["message"] == message.format(server)


def test_the_list_of_a_server_came_with_2_23(app: Any, server: str) -> None:
    assert asked(app, "GET", f"/servers/{server}/migrations", version=22).status_int == 404


MANAGER: Final = "mary:p1:manager"


def test_a_manager_lists_the_migrations_of_the_project_and_no_hosts(
    app: Any, database: Database
) -> None:
    _move(database, 1)
    _move(database, 2, project_id="p2")

    mine = asked(app, "GET", "/os-migrations?project_id=p1", user=MANAGER, version=80)
    others = [
        asked(app, "GET", f"/os-migrations{query}", user=MANAGER, version=80).status_int
        for query in ("", "?project_id=p2", "?limit=0")
    ]

    (shown,) = orjson.loads(mine.body)["migrations"]
    assert (shown["id"], shown["source_compute"], shown["dest_host"]) == (1, None, None)
    assert others == [403, 403, 403]


def test_a_member_lists_no_migrations(app: Any, database: Database, server: str) -> None:
    for path in ("/os-migrations?project_id=p1", f"/servers/{server}/migrations"):
        assert asked(app, "GET", path, user="bob", version=80).status_int == 403


def test_a_manager_sees_a_server_go_but_not_where(
    app: Any, database: Database, server: str
) -> None:
    _move(database, 1, server)
    path = f"/servers/{server}/migrations"

    theirs = orjson.loads(asked(app, "GET", path, user=MANAGER, version=80).body)["migrations"][0]
    (admins,) = _get(app, path)["migrations"]

    assert {name for name in admins if admins[name] != theirs[name]} == {
        *("source_compute", "source_node", "dest_compute", "dest_host", "dest_node"),
    }
    assert asked(app, "GET", f"{path}/1", user=MANAGER, version=80).status_int == 403
