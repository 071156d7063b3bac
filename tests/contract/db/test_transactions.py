"""A transaction is run again, from its beginning, when passing trouble ends it."""

import threading

import pytest
import sqlalchemy as sa
from oslo_db.exception import DBConnectionError, DBDeadlock
from sqlalchemy.orm import Session

from minicloud.db.engine import Database, First, changed_one
from minicloud.db.models import QuotaGuard
from tests.contract.databases import connect
from tests.contract.db.rows import together

_WHO_AM_I = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
_END = {"mysql": "KILL {}", "postgresql": "SELECT pg_terminate_backend({})"}


def _add(db: Session, *names: str) -> None:
    db.execute(sa.insert(QuotaGuard), [{"project_id": name} for name in names])


def _names(database: Database) -> list[str]:
    query = sa.select(QuotaGuard.project_id).order_by(QuotaGuard.project_id)
    return database.read(lambda db: list(db.scalars(query)))


def _touch(db: Session, name: str) -> None:
    """Lock the row."""
    db.scalar(
        sa.select(QuotaGuard.project_id).where(QuotaGuard.project_id == name).with_for_update()
    )


def test_an_error_undoes_all_of_a_transaction(database: Database) -> None:
    def work(db: Session) -> None:
        _add(db, "a", "b")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(work)

    assert _names(database) == []


def test_what_a_transaction_needs_first_is_committed_and_then_it_begins_anew(
    database: Database,
) -> None:
    tries = []

    def work(db: Session, again: bool) -> None:
        tries.append(again)
        _add(db, f"try {len(tries)}")
        if len(tries) == 1:
            raise First(lambda first: _add(first, "needed"))

    database.write_once(work)

    assert _names(database) == ["needed", "try 2"]
    assert tries == [False, False]


def test_only_transactions_that_write_are_counted(database: Database) -> None:
    before = database.writes

    database.write(lambda db: _add(db, "a"))
    _names(database)

    assert database.writes == before + 1


def test_a_deadlock_is_tried_again_and_both_end_well(server_database: Database) -> None:
    server_database.write(lambda db: _add(db, "a", "b"))
    both_hold_one = threading.Barrier(2)
    attempts = []

    def lock_both(number: int) -> str:
        mine, other = ("a", "b") if number == 0 else ("b", "a")
        first = True

        def work(db: Session) -> str:
            nonlocal first
            attempts.append(number)
            _touch(db, mine)
            if first:
                first = False
                both_hold_one.wait(60)
            _touch(db, other)
            return mine

        return server_database.write(work)

    done = together(2, lock_both)

    assert done == ["a", "b"]
    assert len(attempts) >= 3


def test_a_lost_connection_is_tried_again(server_database: Database) -> None:
    other = connect(server_database.engine.url.render_as_string(hide_password=False))
    dialect = server_database.dialect
    killed: list[int | None] = []

    def work(db: Session) -> None:
        _add(db, "a")
        if not killed:
            killed.append(db.scalar(sa.text(_WHO_AM_I[dialect])))
            with other.engine.connect() as connection:
                connection.exec_driver_sql(_END[dialect].format(killed[0]))
        _add(db, "b")

    server_database.write(work)

    assert _names(server_database) == ["a", "b"]
    other.dispose()


def test_a_read_over_a_lost_connection_is_tried_again(server_database: Database) -> None:
    server_database.write(lambda db: _add(db, "a"))
    other = connect(server_database.engine.url.render_as_string(hide_password=False))
    dialect = server_database.dialect
    killed: list[int | None] = []

    def work(db: Session) -> list[str]:
        if not killed:
            killed.append(db.scalar(sa.text(_WHO_AM_I[dialect])))
            with other.engine.connect() as connection:
                connection.exec_driver_sql(_END[dialect].format(killed[0]))
        return list(db.scalars(sa.select(QuotaGuard.project_id)))

    assert server_database.read(work) == ["a"]
    other.dispose()


@pytest.mark.parametrize("error", [DBDeadlock, DBConnectionError])
def test_trouble_that_does_not_pass_is_raised_after_the_last_attempt(
    database: Database, error: type[Exception]
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    impatient = Database(url, attempts=3)
    attempts = []

    def work(db: Session) -> None:
        attempts.append(1)
        _add(db, "a")
        raise error()

    with pytest.raises(error):
        impatient.write(work)

    assert len(attempts) == 3
    assert _names(database) == []
    impatient.dispose()


def test_other_errors_are_not_tried_again(database: Database) -> None:
    attempts = []

    def work(db: Session) -> None:
        attempts.append(1)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        database.write(work)

    assert len(attempts) == 1


def test_a_row_that_is_updated_to_what_it_was_counts_as_met(database: Database) -> None:
    database.write(lambda db: _add(db, "a"))
    same = sa.update(QuotaGuard).where(QuotaGuard.project_id == "a").values(project_id="a")

    assert database.write(lambda db: changed_one(db, same))


def test_the_time_is_the_servers_and_goes_on(database: Database) -> None:
    first, second = database.now(), database.now()

    assert first <= second
    assert first.tzinfo is None
