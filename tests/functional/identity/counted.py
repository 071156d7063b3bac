"""Finds transactions that change what tokens grant and do not count it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from minicloud.db.engine import Database

_TABLES: Final = "users|projects|domains|roles|role_assignments|application_credentials"
_CHANGE: Final = re.compile(rf"(UPDATE|DELETE FROM) ({_TABLES})\b|INSERT INTO role_assignments\b")
# Whoever is new has no token yet.
_COUNT: Final = re.compile(r"(UPDATE|INSERT INTO) identity_revisions\b|INSERT INTO users\b")


@contextmanager
def uncounted(database: Database) -> Iterator[list[str]]:
    """The statements of such transactions. A token's own end is a test's to show."""
    found: list[str] = []

    def begin(connection: Any) -> None:
        connection.info["said"] = []

    def note(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        connection.info.setdefault("said", []).append(statement)

    def commit(connection: Any) -> None:
        said = connection.info.pop("said", [])
        if not any(_COUNT.match(statement) for statement in said):
            found.extend(statement for statement in said if _CHANGE.match(statement))

    listeners = (("begin", begin), ("before_cursor_execute", note), ("commit", commit))
    for name, listener in listeners:
        sa.event.listen(database.engine, name, listener)
    yield found
    for name, listener in listeners:
        sa.event.remove(database.engine, name, listener)
