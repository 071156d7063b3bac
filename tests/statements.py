"""What is said to a database, for tests that count it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from minicloud.db.engine import Database

_AROUND: Final = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
_CLOCK: Final = ("clock_timestamp", "UTC_TIMESTAMP")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is said meanwhile, without the time that is asked for now and then."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(_AROUND) and not any(word in statement for word in _CLOCK):
            said.append(statement)

    engines = {database.engine, database._reader}
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)
