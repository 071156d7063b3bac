"""How the database driver writes who was heard of: for all together, a statement a period."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from minicloud.conf.servicegroup import flush_interval_s
from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.databases import REAL, Databases, connect
from tests.contract.servicegroup.conftest import DOWN_S, REPORT_S, Driver, Passing
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.statements import statements

PERIOD_S = 1.0  # of flush_interval_s, with these intervals


def _heard(books: Database, host: str) -> datetime | None:
    return books.read(
        lambda db: db.scalar(sa.select(Service.last_seen_up).where(Service.host == host))
    )


def _count(books: Database) -> int:
    return books.read(lambda db: len(services.of_group(db)))


def _remove(books: Database, host: str) -> None:
    (row,) = books.read(lambda db: services.of_group(db, COMPUTE, host))
    books.write(lambda db: services.remove(db, row.id))


def test_a_thousand_renewals_are_one_statement(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor, hosts = driver(), [f"host-{n}" for n in range(1000)]
    conductor.renew(hosts, COMPUTE)
    conductor.join("c", CONDUCTOR)
    clock.sleep(REPORT_S)

    with statements(books) as said:
        for host in hosts:
            conductor.renew([host], COMPUTE)
        conductor.beat()
        conductor.beat()

    assert [one[:15] for one in said] == ["UPDATE services"]
    assert {row.last_seen_up for row in books.read(services.of_group)} == {books.now()}


def test_who_is_new_is_there_when_it_was_heard_of_once(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor = driver()
    conductor.renew(["host-1"], COMPUTE)

    conductor.renew(["host-1", "host-2"], COMPUTE)
    conductor.renew(["host-3"], COMPUTE)

    assert driver().get_all(COMPUTE) == {"host-1", "host-2", "host-3"}
    assert _count(books) == 3


def test_who_was_away_is_up_when_it_was_heard_of_once(driver: Driver, clock: HandClock) -> None:
    conductor = driver()
    conductor.renew(["host-1"], COMPUTE)
    clock.sleep(DOWN_S * 2)

    conductor.renew(["host-1"], COMPUTE)

    assert driver().get_all(COMPUTE) == {"host-1"}


def test_a_conductor_that_begins_writes_once_a_period_however_many_it_hears_of_first(
    driver: Driver, clock: HandClock, books: Database, time_passes: Passing
) -> None:
    hosts = [f"host-{n}" for n in range(50)]
    driver().renew(hosts, COMPUTE)
    time_passes(DOWN_S * 2)
    conductor = driver()

    with statements(books) as said:
        for host in hosts:
            conductor.renew([host], COMPUTE)
        clock.sleep(PERIOD_S)
        conductor.beat()

    assert len([one for one in said if one.startswith("UPDATE")]) == 2
    assert len(said) == 4  # and the ids of all of them, and whether nobody wrote meanwhile
    assert driver().get_all(COMPUTE) == set(hosts)


def test_a_member_is_as_old_as_what_was_heard_and_not_as_what_was_written(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor, heard = driver(), {}
    hosts = [f"host-{n}" for n in range(10)]
    conductor.renew(hosts, COMPUTE)
    clock.sleep(REPORT_S)
    for host in hosts:
        clock.sleep(PERIOD_S / 10)
        conductor.renew([host], COMPUTE)
        heard[host] = books.now()

    with statements(books) as said:
        conductor.beat()

    assert len(said) == 1
    for host in hosts:
        written = _heard(books, host)
        assert written is not None
        assert timedelta() <= heard[host] - written <= timedelta(seconds=PERIOD_S / 4)


def test_what_was_heard_before_an_outage_of_the_database_makes_nobody_older(
    driver: Driver, clock: HandClock, books: Database, time_passes: Passing
) -> None:
    conductor = driver()
    conductor.renew(["dead", "living"], COMPUTE)
    clock.sleep(PERIOD_S)
    conductor.renew(["dead"], COMPUTE)
    last = books.now()
    time_passes(DOWN_S - 1)
    conductor.renew(["living"], COMPUTE)

    conductor.beat()

    assert _heard(books, "dead") == last
    assert _heard(books, "living") == books.now()


def test_who_was_written_a_moment_ago_can_wait(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor = driver()
    conductor.renew(["host-1"], COMPUTE)
    before, last = books.writes, books.now()

    for _ in range(20):
        clock.sleep(REPORT_S / 10)
        conductor.renew(["host-1"], COMPUTE)
        conductor.beat()
        written = _heard(books, "host-1")
        assert written is not None
        assert books.now() - written < timedelta(seconds=REPORT_S / 2 + PERIOD_S)

    assert 3 <= books.writes - before <= 4
    assert _heard(books, "host-1") != last


def test_who_hears_less_lately_takes_nothing_back(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    first, second = driver(), driver()
    first.renew(["host-1"], COMPUTE)
    second.renew(["host-1"], COMPUTE)
    clock.sleep(REPORT_S)
    first.renew(["host-1"], COMPUTE)
    clock.sleep(PERIOD_S)
    second.renew(["host-1"], COMPUTE)
    second.beat()

    first.beat()

    assert _heard(books, "host-1") == books.now()


def test_a_member_that_was_removed_and_goes_on_is_made_again(
    driver: Driver, clock: HandClock
) -> None:
    conductor = driver()
    conductor.renew(["gone", "goes-on"], COMPUTE)
    for host in ("gone", "goes-on"):
        _remove(conductor._database, host)

    for _ in range(2):
        clock.sleep(REPORT_S)
        conductor.renew(["goes-on"], COMPUTE)
        conductor.beat()

    assert conductor.known(COMPUTE) == {"goes-on"}
    assert conductor.get_all(COMPUTE) == {"goes-on"}


def test_what_was_heard_before_a_removal_makes_no_member(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor = driver()
    conductor.renew(["host-1"], COMPUTE)
    clock.sleep(REPORT_S)
    conductor.renew(["host-1"], COMPUTE)
    _remove(books, "host-1")

    conductor.beat()

    assert conductor.known(COMPUTE) == set()


def test_a_member_that_joined_here_and_was_removed_is_made_again(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor = driver()
    conductor.join("c", COMPUTE)
    _remove(books, "c")

    for _ in range(2):
        clock.sleep(REPORT_S)
        conductor.beat()

    assert conductor.get_all(COMPUTE) == {"c"}


def test_a_clean_stop_writes_what_was_heard(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    conductor = driver()
    conductor.join("c", CONDUCTOR)
    conductor.renew(["host-1"], COMPUTE)
    clock.sleep(PERIOD_S / 2)
    conductor.renew(["host-1"], COMPUTE)

    conductor.close()

    assert _heard(books, "host-1") == books.now()
    assert driver().get_all(CONDUCTOR) == set()


def test_what_could_not_be_written_is_written_later(
    driver: Driver, clock: HandClock, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    conductor = driver()
    conductor.renew(["host-1"], COMPUTE)
    clock.sleep(REPORT_S)
    conductor.renew(["host-1"], COMPUTE)
    heard = books.now()

    def away(*_args: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(services, "renewed", away)
        with pytest.raises(ConnectionError):
            conductor.beat()
    clock.sleep(PERIOD_S)
    conductor.beat()

    assert _heard(books, "host-1") == heard


def test_a_hundred_thousand_rows_can_be_renewed_by_one_statement(
    clock: HandClock, books: Database
) -> None:
    """Few of them are there: it is the statement's size that a database might refuse."""
    books.write(lambda db: services.seen(db, COMPUTE, ["host-1", "host-2"], books.now()))
    there = [row.id for row in books.read(lambda db: services.of_group(db, COMPUTE))]
    clock.sleep(REPORT_S)
    ids = [*range(1, 1000), *range(100_000, 199_001), *there]

    heard = {books.now(): sorted(set(ids))}

    met = books.write(lambda db: services.renewed(db, heard, books.now()))

    assert met == 2
    assert _heard(books, "host-2") == books.now()


@pytest.fixture(params=REAL)
def server_books(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    url = databases.empty(request.param, connect).engine.url
    database = Database(url.render_as_string(hide_password=False), attempts=1)
    yield database
    database.dispose()


def _twisted(books: Database, hosts: list[str]) -> None:
    """Rows lie on disk in another order than that of their ids."""
    now = books.now()
    for host in reversed(hosts):
        books.write(lambda db, host=host: services.seen(db, COMPUTE, [host], now))  # type: ignore[misc]
    for part in (hosts[::3], hosts[1::3]):
        same = sa.update(Service).where(Service.host.in_(part)).values(disabled_reason="x" * 200)
        books.write(lambda db, same=same: db.execute(same) and None)  # type: ignore[misc]


def test_two_conductors_that_hear_of_the_same_members_never_deadlock(
    server_books: Database,
) -> None:
    """A deadlock would be an error: nothing is tried again here."""
    hosts = [f"host-{n}" for n in range(300)]
    _twisted(server_books, hosts)
    found = server_books.read(lambda db: services.places(db, COMPUTE))
    parts = [sorted(found[h].id for h in part) for part in (hosts, hosts[::2], hosts[100:150])]
    start = threading.Barrier(4)

    def renew(number: int) -> int:
        start.wait()
        met = 0
        for turn in range(10):
            ids, now = parts[(number + turn) % 3], server_books.now()
            met += server_books.write(
                lambda db, ids=ids, now=now: services.renewed(db, {now: ids}, now)  # type: ignore[misc]
            )
        return met

    with ThreadPoolExecutor(4) as pool:
        met = list(pool.map(renew, range(4)))

    assert sum(met) == sum(
        len(parts[(number + turn) % 3]) for number in range(4) for turn in range(10)
    )


def test_conductors_that_hear_of_the_same_new_members_make_them_once(
    server_books: Database,
) -> None:
    conf = defaults()
    hosts = [f"host-{n}" for n in range(40)]
    url = server_books.engine.url.render_as_string(hide_password=False)
    books = [Database(url) for _ in range(4)]
    start = threading.Barrier(len(books))

    def hear(database: Database) -> set[str]:
        conductor = DbDriver(conf, database)
        start.wait()
        for n in range(0, len(hosts), 8):
            conductor.renew(hosts[n : n + 8], COMPUTE)
        return conductor.get_all(COMPUTE)

    with ThreadPoolExecutor(len(books)) as pool:
        seen = list(pool.map(hear, books))
    for database in books:
        database.dispose()

    assert seen == [set(hosts)] * len(books)
    assert _count(server_books) == len(hosts)


@pytest.mark.parametrize(("interval_s", "period_s"), [(5.0, 1.0), (60.0, 1.0), (0.5, 0.1)])
def test_lost_hearings_are_made_good_within_the_least_down_time(
    interval_s: float, period_s: float
) -> None:
    conf = defaults()
    conf.set_override("report_interval_s", interval_s, "servicegroup")

    assert flush_interval_s(conf) == pytest.approx(period_s)
    assert 2 * interval_s + 2.25 * flush_interval_s(conf) <= 2.5 * interval_s
