"""What each request asks was not asked again when no connection could be had for a moment."""

from pathlib import Path

import pytest
from oslo_db.exception import DBConnectionError

from minicloud.db import revision, schema
from minicloud.db.engine import Database


def test_the_number_of_changes_is_asked_again_as_all_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'books.sqlite'}")
    schema.create(database)
    database.write(revision.count)

    def refused() -> None:
        raise database.engine.dialect.loaded_dbapi.OperationalError("connection refused")

    monkeypatch.setattr(database._reader, "raw_connection", refused)
    monkeypatch.setattr(database, "read", lambda _work: 7)

    assert revision.now(database) == 7


def test_a_server_that_stays_away_is_the_error_it_is_elsewhere() -> None:
    database = Database("mariadb://u:p@127.0.0.1:1/nothing", attempts=2)

    with pytest.raises(DBConnectionError):
        revision.now(database)
