"""What the database driver tells of members, and whom it tells of those that come and go."""

from datetime import timedelta

import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, Standing
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.servicegroup.conftest import DOWN_S, REPORT_S, Driver, Passing
from tests.hand_clock import HandClock
from tests.statements import statements


def _set(books: Database, host: str, **values: object) -> None:
    statement = sa.update(Service).where(Service.host == host).values(**values)
    books.write(lambda db: db.execute(statement) and None)


def _told_by(group: DbDriver) -> list[str]:
    told: list[str] = []
    group.watch(COMPUTE, lambda m: told.append(f"+{m}"), lambda m: told.append(f"-{m}"))
    return told


def test_standings_tell_how_old_the_last_sign_of_life_is(
    driver: Driver, clock: HandClock, books: Database, time_passes: Passing
) -> None:
    group = driver()
    for host in ("lost", "left", "resigned", "forced", "up"):
        group.join(host, COMPUTE)
    group.join("c", CONDUCTOR)
    group.leave("left", COMPUTE)
    _set(books, "forced", forced_down=True)
    first = books.now()
    time_passes(DOWN_S)
    group.renew(["up", "forced", "resigned"], COMPUTE)
    group.beat()
    clock.sleep(REPORT_S)
    _set(books, "resigned", left_at=books.now())

    found = group.standings(COMPUTE)

    heard = first + timedelta(seconds=DOWN_S)
    assert found == {
        "lost": Standing(False, first, DOWN_S + REPORT_S, "db"),
        "left": Standing(False, None, None, "db"),
        "resigned": Standing(False, heard, REPORT_S, "db"),
        "forced": Standing(False, heard, REPORT_S, "db"),
        "up": Standing(True, heard, REPORT_S, "db"),
    }
    assert {host for host, one in found.items() if one.up} == group.get_all(COMPUTE)


def test_standings_are_one_statement(driver: Driver, books: Database) -> None:
    group = driver()
    group.join("host-1", COMPUTE)

    with statements(books) as said:
        group.standings(COMPUTE)

    assert len(said) == 1


def test_who_watches_is_told_once_of_who_joins_and_who_leaves(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    group, watcher = driver(), driver()
    group.join("there", COMPUTE)
    told = _told_by(watcher)

    group.join("came", COMPUTE)
    watcher.look()
    watcher.look()
    group.leave("there", COMPUTE)
    _set(books, "came", forced_down=True)
    watcher.look()
    watcher.look()

    assert told == ["+came", "-came", "-there"]


def test_who_watches_is_told_of_who_is_silent_and_of_who_is_back(
    driver: Driver, time_passes: Passing
) -> None:
    group = driver()
    group.renew(["host-1"], COMPUTE)
    told = _told_by(group)

    time_passes(DOWN_S + 1)
    group.look()
    group.renew(["host-1"], COMPUTE)
    group.look()

    assert told == ["-host-1", "+host-1"]


def test_who_watches_no_longer_is_told_nothing(driver: Driver) -> None:
    group = driver()
    told: list[str] = []
    end = group.watch(COMPUTE, told.append, told.append)

    end()
    group.join("host-1", COMPUTE)
    group.look()

    assert told == []


def test_a_look_asks_no_more_of_the_database_than_a_question_however_many_watch(
    driver: Driver, books: Database
) -> None:
    group = driver()
    group.join("host-1", COMPUTE)
    with statements(books) as nobody:
        group.look()
    for _ in range(3):
        _told_by(group)
    with statements(books) as asked:
        group.get_all(COMPUTE)

    with statements(books) as said:
        group.look()

    assert nobody == []
    assert said == asked
