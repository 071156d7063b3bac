"""Where nobody at all was written for a while, the silence of one tells nothing."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from minicloud.db.engine import Database
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.drivers.silence import Silence
from tests.contract.servicegroup.conftest import Driver
from tests.hand_clock import HandClock
from tests.options import defaults

# Short, as the time of a real server is asked again after a minute.
REPORT_S, DOWN_S = 1.0, 4.0
HOSTS = {"host-1", "host-2"}
PAUSE_S = 1.5 * DOWN_S


@pytest.fixture
def driver(books: Database) -> Driver:
    conf = defaults()
    conf.set_override("report_interval_s", REPORT_S, "servicegroup")
    conf.set_override("service_down_time_s", DOWN_S, "servicegroup")
    return lambda: DbDriver(conf, books)


@pytest.fixture
def conductor(driver: Driver) -> DbDriver:
    """Two hosts and a conductor that live, and one host that has been dead for long."""
    driver().join("dead", COMPUTE)
    return driver()


def _live(conductor: DbDriver, clock: HandClock, seconds: float) -> None:
    for _ in range(int(seconds / REPORT_S)):
        conductor.join("conductor", CONDUCTOR)
        conductor.renew(sorted(HOSTS), COMPUTE)
        conductor.beat()
        clock.sleep(REPORT_S)


def test_nobody_is_called_down_while_nobody_is_written(
    conductor: DbDriver, driver: Driver, clock: HandClock
) -> None:
    reader = driver()
    _live(conductor, clock, 2 * DOWN_S)

    clock.sleep(PAUSE_S)

    assert reader.get_all(COMPUTE) == HOSTS
    assert reader.down(COMPUTE) == {"dead"}
    assert {name for name, one in reader.standings(COMPUTE).items() if one.up} == HOSTS


@pytest.mark.parametrize("who", ["the same", "another"])
def test_after_a_pause_everybody_who_lived_has_a_down_time_to_be_heard(
    conductor: DbDriver, driver: Driver, clock: HandClock, who: str
) -> None:
    _live(conductor, clock, 2 * DOWN_S)
    clock.sleep(PAUSE_S)

    first = conductor if who == "the same" else driver()
    first.join("conductor", CONDUCTOR)
    first.renew(["host-1"], COMPUTE)
    first.beat()
    soon = first.get_all(COMPUTE)
    for _ in range(int(DOWN_S / REPORT_S) + 1):
        clock.sleep(REPORT_S)
        first.renew(["host-1"], COMPUTE)
        first.beat()

    assert soon == HOSTS
    assert first.get_all(COMPUTE) == {"host-1"}


def test_nobody_is_called_down_by_a_reader_whom_the_first_writer_overtakes(
    conductor: DbDriver,
    driver: Driver,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = driver()
    _live(conductor, clock, 2 * DOWN_S)
    clock.sleep(PAUSE_S)
    counts_from = Silence.since

    def overtaken(silence: Silence, db: Session, now: datetime) -> datetime:
        conductor.join("conductor", CONDUCTOR)
        return counts_from(silence, db, now)

    monkeypatch.setattr(Silence, "since", overtaken)

    assert reader.get_all(COMPUTE) == HOSTS


def test_a_conductor_that_was_away_alone_gives_nobody_time(
    conductor: DbDriver, driver: Driver, clock: HandClock
) -> None:
    _live(conductor, clock, 2 * DOWN_S)
    other = driver()
    other.join("other", CONDUCTOR)
    for _ in range(int(PAUSE_S / REPORT_S)):
        clock.sleep(REPORT_S)
        other.renew(["host-1"], COMPUTE)
        other.beat()

    conductor.beat()

    assert conductor.get_all(COMPUTE) == {"host-1"}


def test_who_has_left_does_not_come_back_by_a_pause(conductor: DbDriver, clock: HandClock) -> None:
    _live(conductor, clock, 2 * DOWN_S)
    conductor.leave("host-2", COMPUTE)
    clock.sleep(PAUSE_S)

    conductor.join("conductor", CONDUCTOR)

    assert conductor.get_all(COMPUTE) == {"host-1"}


def test_after_five_down_times_of_silence_nobody_is_believed_to_live(
    conductor: DbDriver, driver: Driver, clock: HandClock, books: Database
) -> None:
    _live(conductor, clock, 2 * DOWN_S)

    clock.sleep(5 * DOWN_S + 1)
    waiting = driver().get_all(COMPUTE)
    conductor.join("conductor", CONDUCTOR)

    assert waiting == set()
    assert driver().get_all(COMPUTE) == set()
