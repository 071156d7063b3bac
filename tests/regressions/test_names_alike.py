"""MariaDB takes node1 and Node1 for the same name. A conductor that was asked for the second one
tried to make its row, found that it is there, looked for it, found none, and so on without end;
each time that the agent asked again another of its threads did the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from minicloud.db import enlisting, schema
from minicloud.db.engine import Database
from minicloud.errors import NameAlike
from minicloud.runtime.within import OneAtATime
from tests.servers import Servers

NOW = datetime(2026, 3, 1)
PATIENCE_S = 30.0


def _enlist(books: Database, nonce: str, names: Sequence[str]) -> dict[str, int]:
    mine, ttl = {"nonce": nonce, "program": "nova-compute"}, timedelta(seconds=20)

    def work() -> dict[str, int]:
        return books.write(
            lambda db: enlisting.enlist(
                db, "nova-compute", names, mine, NOW, lambda name: False, ttl
            )
        )

    return OneAtATime[dict[str, int]]().run(work, PATIENCE_S)


@pytest.mark.parametrize("names", [["Node1"], ["node1 "], ["new", "NODE1"], ["other", "Other"]])
def test_mariadb_says_which_names_it_cannot_tell_apart(
    servers: Servers, names: Sequence[str]
) -> None:
    with servers.fresh_database("mariadb") as url:
        books = Database(url)
        schema.create(books)
        _enlist(books, "a", ["node1"])

        with pytest.raises(NameAlike):
            _enlist(books, "b", names)

        assert _enlist(books, "b", ["another"]) == {"another": 1}
        books.dispose()


def test_where_letters_count_they_are_two_hosts(tmp_path: Path) -> None:
    books = Database(f"sqlite:///{tmp_path}/books.sqlite")
    schema.create(books)

    assert _enlist(books, "a", ["node1"]) == {"node1": 1}
    assert _enlist(books, "b", ["Node1"]) == {"Node1": 1}
    books.dispose()
