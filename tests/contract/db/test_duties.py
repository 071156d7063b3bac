"""Whose turn a duty is: the row's token decides, whatever a holder believes."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import duties
from minicloud.db.engine import Database
from minicloud.db.models import Duty
from minicloud.errors import DutyLost
from tests.waiting import until

NAME = "sweeping"
LONG = timedelta(hours=1)


def _take(books: Database, holder: str, *, by_store: bool = False) -> int | None:
    now = books.now()
    lasts = None if by_store else now + LONG
    return books.write(lambda db: duties.take(db, NAME, holder, now, lasts))


def _taken(books: Database, holder: str, *, by_store: bool = False) -> int:
    token = _take(books, holder, by_store=by_store)
    assert token is not None
    return token


def _check(books: Database, token: int) -> None:
    books.write(lambda db: duties.check(db, NAME, token, books.now()))


def test_of_eight_who_take_it_at_once_one_has_it(database: Database) -> None:
    found: list[int | None] = []
    ready = threading.Barrier(8)

    def take(number: int) -> None:
        ready.wait()
        found.append(_take(database, f"conductor-{number}"))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(token for token in found if token is not None) == [1]
    assert len(found) == 8


def test_it_is_free_again_when_its_time_is_over(database: Database) -> None:
    now = database.now()
    first = database.write(lambda db: duties.take(db, NAME, "first", now, now + LONG))

    later = now + LONG
    second = database.write(lambda db: duties.take(db, NAME, "second", later, later + LONG))

    assert (first, second) == (1, 2)


def test_given_up_it_is_free_at_once(database: Database) -> None:
    token = _taken(database, "first")

    database.write(lambda db: duties.give_up(db, NAME, token))

    assert _take(database, "second") == token + 1


def test_who_was_overtaken_gives_up_nothing_and_keeps_nothing(database: Database) -> None:
    old = _taken(database, "first", by_store=True)
    new = _taken(database, "second")

    database.write(lambda db: duties.give_up(db, NAME, old))
    kept = database.write(lambda db: duties.keep(db, NAME, old, database.now() + 2 * LONG))

    (row,) = database.read(duties.all_of)
    assert (row.holder, row.token, kept) == ("second", new, False)


def test_of_two_who_both_believe_only_the_last_writes(database: Database) -> None:
    old = _taken(database, "first", by_store=True)
    new = _taken(database, "second", by_store=True)

    _check(database, new)
    with pytest.raises(DutyLost):
        _check(database, old)


def test_what_was_refused_has_written_nothing(database: Database) -> None:
    old = _taken(database, "first", by_store=True)
    _taken(database, "second", by_store=True)

    def work(db: Session) -> None:
        db.execute(sa.insert(Duty), [{"name": "another", "token": 0}])
        duties.check(db, NAME, old, database.now())

    with pytest.raises(DutyLost):
        database.write(work)

    assert [row.name for row in database.read(duties.all_of)] == [NAME]


def test_nobody_takes_it_between_the_check_and_the_commit(database: Database) -> None:
    token = _taken(database, "first", by_store=True)
    order: list[str] = []
    checked, tried = threading.Event(), threading.Event()

    def work(db: Session) -> None:
        duties.check(db, NAME, token, database.now())
        checked.set()
        tried.wait(0.5)  # on SQLite the other one waits for us to begin at all
        order.append("written")

    def take() -> None:
        checked.wait()
        new = None
        while new is None:
            new = _take(database, "second")
            tried.set()
        order.append("taken")

    other = threading.Thread(target=take)
    other.start()
    database.write(work)
    other.join()

    assert order == ["written", "taken"]


def test_two_who_take_what_was_never_there_are_no_error(server_database: Database) -> None:
    first, second = threading.Event(), threading.Event()
    found: list[int | None] = []

    def slow(db: Session) -> int | None:
        token = duties.take(db, NAME, "first", server_database.now(), None)
        first.set()
        second.wait(0.3)
        return token

    thread = threading.Thread(target=lambda: found.append(server_database.write(slow)))
    thread.start()
    first.wait()
    until(lambda: _take(server_database, "second", by_store=True), second.set)
    thread.join()

    (row,) = server_database.read(duties.all_of)
    assert row.token == 2
    assert found == [1]
