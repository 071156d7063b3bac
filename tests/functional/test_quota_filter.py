"""The quota filter: it refuses early, never wrongly, and costs only those who were refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from minicloud.api.middleware import quota
from minicloud.db import quotas, server_groups
from minicloud.db.engine import Database
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import WANTED, stock
from tests.statements import statements

__all__ = ["database"]  # a fixture

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5jyFHHmSn0vmZq3vYwMkgLxIGSP1wMbVPA0OtFm0tH me"
_FULL = {"instances": 1, "key_pairs": 1, "server_groups": 1, "server_group_members": 1}


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    """An API process that has refused alice, who is at every limit, already."""
    stock(database)
    database.write(lambda db: quotas.put(db, "p1", "", _FULL))
    made = application(database, tmp_path)
    for path, body in _BODIES.items():
        assert _ask(made, path, body)[0] < 300
        assert _ask(made, path, body)[0] == 403
    return made


@pytest.fixture
def bare(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The API without the filter."""
    monkeypatch.setattr(quota, "checks_of", lambda *_words: {})
    return application(database, tmp_path)


_BODIES: dict[str, dict[str, Any]] = {
    "/servers": {"server": WANTED},
    "/os-keypairs": {"keypair": {"name": "mine"}},
    "/os-server-groups": {"server_group": {"name": "g", "policies": ["affinity"]}},
}


def _ask(
    app: Any, path: str, body: Any, verb: str = "POST", user: str = "alice", **headers: str
) -> tuple[int, Any]:
    reply = asked(app, verb, path, body, user=user, headers=headers)
    return reply.status_int, orjson.loads(reply.body) if reply.body else None


@contextmanager
def _writes(database: Database) -> Iterator[list[str]]:
    """The write transactions that are begun meanwhile."""
    begun: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            begun.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield begun
    sa.event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", _BODIES)
def test_who_was_refused_is_refused_again_in_the_same_words_without_a_write(
    app: Any, bare: Any, database: Database, path: str
) -> None:
    body = {"server": WANTED | {"name": "other"}} if path == "/servers" else _BODIES[path]
    with _writes(database) as begun:
        early = _ask(app, path, body)
    with _writes(database) as begun_late:
        late = _ask(bare, path, body)

    assert early[0] == 403
    assert early == late
    assert (len(begun), len(begun_late)) == (0, 1)


_OTHERS = [
    ("/servers", {"server": WANTED | {"flavorRef": "none"}}),
    ("/servers", {"server": WANTED | {"imageRef": "11111111-0000-4000-8000-000000000000"}}),
    ("/servers", {"server": WANTED | {"key_name": "nobodys"}}),
    ("/servers", {"server": WANTED | {"name": ""}}),
    ("/servers", {"server": WANTED | {"min_count": 2, "max_count": 1}}),
    ("/servers", {"server": WANTED | {"availability_zone": "nowhere"}}),
    ("/servers", {"server": WANTED | {"availability_zone": "nova:node1"}}),
    ("/servers", {"server": WANTED | {"networks": [{"uuid": "not one"}]}}),
    ("/servers", {"server": WANTED | {"metadata": {f"k{n}": "v" for n in range(200)}}}),
    ("/servers", {"server": WANTED | {"min_count": 3}}),
    ("/servers", {"server": WANTED, "os:scheduler_hints": {"group": "11111111-" + "0" * 27}}),
    ("/servers", "no object"),
    ("/os-keypairs", {"keypair": {"name": "my/pair"}}),
    ("/os-keypairs", {"keypair": {"name": "mine", "public_key": _KEY}}),
    ("/os-keypairs", {"keypair": {"name": "other", "public_key": "none"}}),
    ("/os-keypairs", {"keypair": {}}),
    ("/os-server-groups", {"server_group": {"name": "g", "policies": ["neither"]}}),
]


@pytest.mark.parametrize(("path", "body"), _OTHERS)
def test_whatever_else_is_wrong_is_answered_as_if_the_filter_were_not_there(
    app: Any, bare: Any, path: str, body: Any
) -> None:
    with_memory = _ask(app, path, body)
    without = _ask(bare, path, body)

    assert with_memory == without
    assert 400 <= with_memory[0] < 500


def test_as_soon_as_a_server_is_gone_there_is_room(app: Any, database: Database) -> None:
    found = asked(app, "GET", "/servers", user="alice")
    (server,) = orjson.loads(found.body)["servers"]

    assert _ask(app, f"/servers/{server['id']}", None, "DELETE")[0] == 204

    assert _ask(app, "/servers", _BODIES["/servers"])[0] == 202
    assert _ask(app, "/servers", _BODIES["/servers"])[0] == 403


@pytest.mark.parametrize("path", _BODIES)
def test_as_soon_as_a_limit_is_raised_there_is_room(
    app: Any, database: Database, path: str
) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", dict.fromkeys(_FULL, 2)))
    body = {"keypair": {"name": "other"}} if path == "/os-keypairs" else _BODIES[path]

    assert _ask(app, path, body)[0] < 300
    assert _ask(app, path, body)[0] >= 400


def test_others_of_the_project_who_want_less_pass(app: Any, database: Database) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 10, "cores": 2}))
    assert _ask(app, "/servers", {"server": WANTED | {"min_count": 3}})[0] == 403

    assert _ask(app, "/servers", {"server": WANTED | {"min_count": 1, "max_count": 5}})[0] == 202
    assert _ask(app, "/servers", {"server": WANTED})[0] == 403


def test_a_request_that_was_done_is_answered_again_at_the_limit(
    app: Any, database: Database
) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 2}))
    key = {"Idempotency-Key": "once"}
    first = _ask(app, "/servers", {"server": WANTED}, **key)
    assert _ask(app, "/servers", {"server": WANTED})[0] == 403

    again = _ask(app, "/servers", {"server": WANTED}, **key)

    assert (first[0], again[0]) == (202, 202)
    assert first[1]["server"]["id"] == again[1]["server"]["id"]


def test_a_full_group_is_refused_early_and_only_there(app: Any, database: Database) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 10}))
    group = database.read(lambda db: server_groups.page(db, "p1", 1, 0))[0].uuid
    into = {"server": WANTED, "os:scheduler_hints": {"group": group}}
    assert [_ask(app, "/servers", into)[0] for _ in range(2)] == [202, 403]

    with _writes(database) as begun:
        status, fault = _ask(app, "/servers", into)

    assert (status, begun) == (403, [])
    assert fault["forbidden"]["message"] == "Quota exceeded, too many servers in group"
    assert _ask(app, "/servers", {"server": WANTED})[0] == 202


def test_nobody_else_pays_for_the_filter(app: Any, bare: Any, database: Database) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 10}))
    with statements(database) as there:
        assert _ask(bare, "/servers", {"server": WANTED}, user="bob")[0] == 202

    with statements(database) as here:
        assert _ask(app, "/servers", {"server": WANTED}, user="bob")[0] == 202

    assert here == there


def test_who_was_refused_and_has_room_again_pays_no_longer(
    app: Any, bare: Any, database: Database
) -> None:
    database.write(lambda db: quotas.put(db, "p1", "", {"instances": 10}))
    assert _ask(app, "/servers", {"server": WANTED})[0] == 202
    with statements(database) as there:
        assert _ask(bare, "/servers", {"server": WANTED})[0] == 202

    with statements(database) as here:
        assert _ask(app, "/servers", {"server": WANTED})[0] == 202

    assert here == there


def test_no_more_callers_are_remembered_than_there_is_room_for(
    app: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "_MOST", 1)
    assert _ask(app, "/servers", {"server": WANTED}, user="bob")[0] == 403

    with _writes(database) as begun:
        assert _ask(app, "/servers", {"server": WANTED})[0] == 403

    assert len(begun) == 1
