"""What every service group promises, whatever keeps it."""

from datetime import timedelta

import sqlalchemy as sa

from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from tests.contract.servicegroup.conftest import DOWN_S, REPORT_S, Driver, Passing
from tests.hand_clock import HandClock


def _set(books: Database, host: str, **values: object) -> None:
    statement = sa.update(Service).where(Service.host == host).values(**values)
    books.write(lambda db: db.execute(statement) and None)


def test_who_joins_is_seen_by_others(driver: Driver) -> None:
    first, second = driver(), driver()

    first.join("host-1", COMPUTE)
    first.join("host-2", COMPUTE)

    assert second.get_all(COMPUTE) == {"host-1", "host-2"}
    assert second.service_is_up("host-1", COMPUTE)
    assert second.get_one(COMPUTE) in {"host-1", "host-2"}
    assert second.down(COMPUTE) == set()


def test_groups_are_apart(driver: Driver) -> None:
    group = driver()

    group.join("host-1", COMPUTE)

    assert group.get_all(CONDUCTOR) == set()
    assert group.get_one(CONDUCTOR) is None
    assert not group.service_is_up("host-1", CONDUCTOR)


def test_a_member_that_leaves_is_gone_at_once(driver: Driver) -> None:
    first, second = driver(), driver()
    first.join("host-1", COMPUTE)
    first.join("host-2", COMPUTE)

    first.leave("host-1", COMPUTE)

    assert second.get_all(COMPUTE) == {"host-2"}


def test_a_member_that_left_is_not_brought_back_by_the_next_beat(driver: Driver) -> None:
    group = driver()
    group.join("host-1", COMPUTE)
    group.leave("host-1", COMPUTE)

    group.beat()

    assert group.get_all(COMPUTE) == set()


def test_a_member_that_is_killed_is_gone_after_the_down_time(
    driver: Driver, clock: HandClock
) -> None:
    driver().join("killed", COMPUTE)
    living, other = driver(), driver()
    living.join("living", COMPUTE)

    for _ in range(int(DOWN_S / REPORT_S)):
        clock.sleep(REPORT_S)
        living.beat()
    before = other.get_all(COMPUTE)
    clock.sleep(REPORT_S)
    living.beat()

    assert before == {"killed", "living"}
    assert other.get_all(COMPUTE) == {"living"}
    assert other.down(COMPUTE) == {"killed"}


def test_a_member_that_comes_back_is_the_same_member(driver: Driver, clock: HandClock) -> None:
    driver().join("host-1", COMPUTE)
    clock.sleep(DOWN_S * 2)

    again = driver()
    again.join("host-1", COMPUTE)

    assert again.get_all(COMPUTE) == {"host-1"}
    assert again.down(COMPUTE) == set()


def test_whoever_hears_of_members_renews_them(
    driver: Driver, clock: HandClock, time_passes: Passing
) -> None:
    conductor = driver()
    conductor.renew(["host-1", "host-2"], COMPUTE)
    time_passes(DOWN_S - 1)

    conductor.renew(["host-1"], COMPUTE)
    conductor.beat()
    clock.sleep(2)

    assert driver().get_all(COMPUTE) == {"host-1"}


def test_a_time_stamp_from_the_future_tells_nothing(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    group = driver()
    group.join("host-1", COMPUTE)

    _set(books, "host-1", last_seen_up=books.now() + timedelta(hours=1))

    assert not group.service_is_up("host-1", COMPUTE)
    assert group.down(COMPUTE) == {"host-1"}


def test_a_member_from_the_future_is_up_when_it_is_heard_of_again(
    driver: Driver, clock: HandClock, books: Database
) -> None:
    group = driver()
    group.join("host-1", COMPUTE)
    _set(books, "host-1", last_seen_up=books.now() + timedelta(hours=1))

    clock.sleep(REPORT_S)
    group.beat()

    assert group.service_is_up("host-1", COMPUTE)


def test_forced_down_is_down_whatever_is_heard(driver: Driver, books: Database) -> None:
    group = driver()
    group.join("host-1", COMPUTE)

    _set(books, "host-1", forced_down=True)
    group.beat()

    assert group.get_all(COMPUTE) == set()
    assert group.down(COMPUTE) == {"host-1"}


def test_a_disabled_member_is_up_all_the_same(driver: Driver, books: Database) -> None:
    group = driver()
    group.join("host-1", COMPUTE)

    _set(books, "host-1", disabled=True)

    assert group.service_is_up("host-1", COMPUTE)


def test_when_a_member_was_last_heard_of_is_known(driver: Driver, clock: HandClock) -> None:
    group = driver()
    group.join("host-1", COMPUTE)
    joined = group.updated_time("host-1", COMPUTE)

    clock.sleep(REPORT_S)
    group.beat()

    heard = group.updated_time("host-1", COMPUTE)
    assert joined is not None
    assert heard is not None
    assert heard - joined == timedelta(seconds=REPORT_S)
    assert group.updated_time("nobody", COMPUTE) is None


def test_where_the_members_are_kept_is_told_without_who_logs_in(driver: Driver) -> None:
    store = driver().store()

    assert (store.driver, store.away_s, store.trouble) == ("db", None, "")
    assert "://" in store.address
    assert "@" not in store.address
