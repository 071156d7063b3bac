"""How much a database reads for what it is asked, as the two servers can tell."""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from minicloud.db.engine import Database

_EXPLAIN: Final = "EXPLAIN (ANALYZE, FORMAT JSON) "


def work_of(database: Database, work: Callable[[], None]) -> int:
    """The rows that `work` makes the database read."""
    count = _scanned if database.dialect == "postgresql" else _handled
    return count(database, work)


def _handled(database: Database, work: Callable[[], None]) -> int:
    """MariaDB counts every row that it hands from a table to a query."""

    def read() -> int:
        with database.engine.connect() as connection:
            rows = connection.execute(sa.text("SHOW GLOBAL STATUS LIKE 'Handler_read%'")).all()
            return sum(int(value) for _name, value in rows)

    read()
    own = -(read() - read())
    before = read()
    work()
    return read() - before - own


def _scanned(database: Database, work: Callable[[], None]) -> int:
    """PostgreSQL tells of every plan how many rows each of its nodes read and threw away."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("SELECT") and "clock_timestamp" not in statement:
            said.append((statement, values))

    sa.event.listen(database._reader, "before_cursor_execute", note)
    work()
    sa.event.remove(database._reader, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(_EXPLAIN + statement, values).scalar_one()
            for statement, values in said
        ]
    return sum(_rows(plan[0]["Plan"]) for plan in plans)


def _rows(plan: dict[str, Any]) -> int:
    below = sum(_rows(one) for one in plan.get("Plans", ()))
    if "Relation Name" not in plan:
        return below
    passed = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return below + int(
        plan["Actual Loops"] * (passed + plan.get("Rows Removed by Index Recheck", 0))
    )
