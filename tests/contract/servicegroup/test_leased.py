"""What a group of leases takes from the books, and what from the store."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from oslo_config import cfg

from minicloud.db import schema, services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup import stores
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.drivers.leased import LeasedGroup
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.unit.servicegroup.shelf import Shelf, ShelfStore, keeper
from tests.waiting import until


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(HandClock())


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/books.sqlite", SystemClock())
    schema.create(database)
    yield database
    database.dispose()


@pytest.fixture
def group(shelf: Shelf, books: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[LeasedGroup]:
    monkeypatch.setattr(stores, "connect", lambda *_: ShelfStore(shelf))
    made = LeasedGroup(_conf(), books)
    yield made
    made.close()


def _conf() -> cfg.ConfigOpts:
    conf = defaults()
    conf.set_override("driver", "redis", "servicegroup")
    return conf


def _know(books: Database, *hosts: str) -> None:
    now = books.now()
    books.write(lambda db: services.seen(db, COMPUTE, hosts, now), "test")


def _set(books: Database, host: str, **values: object) -> None:
    statement = sa.update(Service).where(Service.host == host).values(**values)
    books.write(lambda db: db.execute(statement) and None)


def test_a_host_is_alive_by_its_lease_and_known_by_its_row(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1", "node2")
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    keeper(shelf, "stranger").join({"stranger": 1}, COMPUTE)

    assert group.get_all(COMPUTE) == {"node1"}
    assert group.down(COMPUTE) == {"node2"}
    assert group.known(COMPUTE) == {"node1", "node2"}


def test_forced_down_acts_from_the_next_question_on(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1")
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    before = group.get_all(COMPUTE)

    _set(books, "node1", forced_down=True)

    assert before == {"node1"}
    assert group.get_all(COMPUTE) == set()
    assert group.down(COMPUTE) == {"node1"}
    assert group.lately(COMPUTE) == set()
    assert not group.standings(COMPUTE)["node1"].up


def test_who_said_that_it_ends_is_down_from_the_next_question_on_and_was_there_lately(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1")
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    before = group.get_all(COMPUTE)

    _set(books, "node1", left_at=books.now())

    assert before == {"node1"}
    assert group.get_all(COMPUTE) == set()
    assert group.down(COMPUTE) == group.lately(COMPUTE) == {"node1"}
    assert not group.standings(COMPUTE)["node1"].up


def test_heartbeats_write_nothing_to_the_database(group: LeasedGroup, books: Database) -> None:
    group.join("here", CONDUCTOR)
    until(lambda: group.get_all(CONDUCTOR) == {"here"})
    before = books.writes

    for _ in range(50):
        group.beat()
        group.renew(["node1"], COMPUTE)

    assert books.writes == before


def test_when_a_member_was_there_last_is_known_by_this_reader_or_by_the_row(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1", "node2", "node3")
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    _set(books, "node1", last_seen_up=books.now() - timedelta(hours=1))
    _set(books, "node2", last_seen_up=books.now() - timedelta(hours=2))
    _set(books, "node3", last_seen_up=None)

    said = group.standings(COMPUTE)

    assert said["node1"].up
    assert said["node1"].age_s is not None
    assert said["node1"].age_s < 60
    assert not said["node2"].up
    assert said["node2"].age_s is not None
    assert abs(said["node2"].age_s - 7200) < 60
    assert said["node3"].age_s is None
    assert said["node1"].source == "shelf"
    assert group.updated_time("nobody", COMPUTE) is None


def test_a_store_that_is_away_takes_nobody_down_and_is_told_of(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1")
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    before = group.get_all(COMPUTE)

    shelf.away = True

    until(lambda: "not read for" in group.standings(COMPUTE)["node1"].source)
    assert before == group.get_all(COMPUTE) == {"node1"}
    assert group.store().away_s is not None


def test_who_watches_is_told_of_joins_and_leaves(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    _know(books, "node1", "node2")
    lease, told = keeper(shelf, "node1"), list[str]()
    lease.join({"node1": 1}, COMPUTE)
    end = group.watch(
        COMPUTE, lambda who: told.append(f"+{who}"), lambda who: told.append(f"-{who}")
    )

    keeper(shelf, "node2").join({"node2": 1}, COMPUTE)
    until(lambda: told == ["+node2"], group.look)
    lease.leave()
    until(lambda: told == ["+node2", "-node1"], group.look)
    end()
    keeper(shelf, "node1").join({"node1": 1}, COMPUTE)
    until(lambda: group.get_all(COMPUTE) == {"node1", "node2"}, group.look)

    assert told == ["+node2", "-node1"]


def test_a_conductor_joins_in_the_epoch_of_its_row(
    group: LeasedGroup, shelf: Shelf, books: Database
) -> None:
    books.write(lambda db: services.seen(db, CONDUCTOR, ["here"], books.now()), "test")
    _set(books, "here", epoch=7)

    group.join("here", CONDUCTOR)

    assert dict(ShelfStore(shelf).read(CONDUCTOR).members["here"].hosts) == {"here": 7}


def test_closing_leaves(group: LeasedGroup, shelf: Shelf) -> None:
    group.join("here", CONDUCTOR)

    group.close()

    assert not ShelfStore(shelf).read(CONDUCTOR).members
