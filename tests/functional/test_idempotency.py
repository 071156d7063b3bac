"""POST /servers with an Idempotency-Key: done once a day, whichever process is asked."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import IdempotencyKey, Instance
from tests.functional.over_books import application, asked, database
from tests.functional.server_rows import WANTED, stock

__all__ = ["database"]  # a fixture


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Any:
    stock(database)
    return application(database, tmp_path)


def _post(app: Any, key: str | None = "k", *, user: str = "alice", **fields: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return asked(app, "POST", "/servers", {"server": WANTED | fields}, headers=headers, user=user)


def _id(reply: Any) -> str:
    assert reply.status_int == 202, reply.body
    found: str = orjson.loads(reply.body)["server"]["id"]
    return found


def _count(database: Database, model: Any = Instance) -> int:
    query = sa.select(sa.func.count()).select_from(model)
    return database.read(lambda db: db.scalar(query) or 0)


def test_the_same_request_is_answered_with_the_same_server(app: Any, database: Database) -> None:
    first, again = _post(app), _post(app)

    assert _id(first) == _id(again)
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert _count(database) == 1


def test_another_process_answers_the_same(app: Any, database: Database, tmp_path: Path) -> None:
    other = application(database, tmp_path)

    assert _id(_post(app)) == _id(_post(other))
    assert _count(database) == 1


@pytest.mark.parametrize(("step", "replayed"), [("before", False), ("after", True)])
def test_a_process_that_dies_at_the_commit_makes_one_server_with_its_successor(
    app: Any, database: Database, tmp_path: Path, step: str, replayed: bool
) -> None:
    def die(name: str) -> None:
        if name == f"api.create:{step}":
            raise SystemExit

    dying = Database(database.engine.url.render_as_string(), reach=die)
    with pytest.raises(SystemExit):
        _post(application(dying, tmp_path))

    again = _post(app)

    assert again.status_int == 202
    assert ("Idempotent-Replayed" in again.headers) is replayed
    assert _count(database) == 1


def test_a_password_is_answered_again_only_where_the_client_gave_it(app: Any) -> None:
    for key, fields in (("a", {}), ("b", {"adminPass": "s3cret"})):
        _post(app, key, **fields)
        shown = orjson.loads(_post(app, key, **fields).body)["server"]

        assert shown.get("adminPass") == fields.get("adminPass")


def test_several_servers_are_made_once_and_their_reservation_is_answered(
    app: Any, database: Database
) -> None:
    asked_for: dict[str, Any] = {"min_count": 3, "return_reservation_id": True}

    first, again = _post(app, **asked_for), _post(app, **asked_for)

    assert first.body == again.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert _count(database) == 3


def test_another_body_under_the_same_key_is_refused(app: Any, database: Database) -> None:
    _post(app)

    reply = _post(app, name="other")

    assert reply.status_int == 422
    assert reply.headers["X-Minicloud-Error-Code"] == "IDEMPOTENCY_KEY_REUSED"
    fault = orjson.loads(reply.body)["computeFault"]
    assert fault == {"code": 422, "message": "Idempotency-Key 'k' was used with another body."}
    assert _count(database) == 1


def test_the_order_of_fields_makes_no_other_body(app: Any) -> None:
    _post(app)
    turned = {"server": dict(reversed(WANTED.items()))}

    again = asked(app, "POST", "/servers", turned, headers={"Idempotency-Key": "k"}, user="alice")

    assert again.headers["Idempotent-Replayed"] == "true"


def test_keys_differ_by_case_and_by_project_and_without_one_every_request_counts(
    app: Any, database: Database
) -> None:
    refs = [_id(_post(app, key)) for key in ("k", "K", None, None)]
    theirs = _post(app, "k", user="bob:p2")

    assert len({*refs}) == 4
    assert theirs.status_int == 400  # tried for real: the image is not theirs
    assert _count(database) == 4


@pytest.mark.parametrize("key", ["", "é", "x" * 256, "a\x01"])
def test_a_malformed_key_is_a_bad_request(app: Any, database: Database, key: str) -> None:
    assert _post(app, key).status_int == 400
    assert _count(database) == 0


def test_the_longest_key_is_good(app: Any) -> None:
    assert _id(_post(app, "~" * 255)) == _id(_post(app, "~" * 255))


def test_what_was_refused_leaves_its_key_free(app: Any) -> None:
    assert _post(app, flavorRef="none").status_int == 400
    assert "Idempotent-Replayed" not in _post(app).headers


def test_a_server_that_is_deleted_is_not_made_again(app: Any, database: Database) -> None:
    ref = _id(_post(app))
    asked(app, "DELETE", f"/servers/{ref}", user="alice")

    assert _id(_post(app)) == ref
    assert _count(database) == 1


def test_after_a_day_the_key_is_free_and_expired_ones_go_in_passing(
    app: Any, database: Database
) -> None:
    refs = {_id(_post(app, key)) for key in ("a", "b", "c")}
    yesterday = database.now() - timedelta(hours=24, seconds=1)
    aged = sa.update(IdempotencyKey).values(expires_at=yesterday + timedelta(hours=24))
    database.write(lambda db: db.execute(aged))

    assert _id(_post(app, "a")) not in refs
    assert _count(database, IdempotencyKey) == 1


def test_a_key_is_its_users_own(app: Any, database: Database) -> None:
    of_alice, of_bob = _post(app), _post(app, user="bob")

    assert _id(of_alice) != _id(of_bob)
    assert "Idempotent-Replayed" not in of_bob.headers
    assert _id(_post(app, user="bob")) == _id(of_bob)
    assert _count(database) == 2
