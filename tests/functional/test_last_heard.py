"""When a host was last heard, where its lease is in a store that forgets it."""

import datetime
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from minicloud.conductor.last_heard import LastHeard
from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.servicegroup.base import COMPUTE, Standing, Store
from minicloud.servicegroup.drivers.db import DbDriver
from tests.contract.db.rows import NOW
from tests.functional.over_books import database
from tests.options import defaults

__all__ = ["database"]  # a fixture

EARLIER, LATER = (NOW.replace(year=year) for year in (2020, 2030))


class Leased(DbDriver):
    """A group whose store is not the database, and that has heard these hosts last then."""

    heard: Mapping[str, datetime.datetime]
    asked = 0

    def store(self) -> Store:
        return Store("redis", "cache:6379")

    def standings(self, group: str) -> Mapping[str, Standing]:
        self.asked += 1
        return {host: Standing(False, at, 0.0, "redis") for host, at in self.heard.items()}


@pytest.fixture
def group(database: Database) -> Leased:
    database.write(lambda db: db.execute(sa.update(Service).values(last_seen_up=None)) and None)
    return Leased(defaults(), database)


def _kept(database: Database) -> dict[str, datetime.datetime | None]:
    rows = database.read(lambda db: services.of_group(db, COMPUTE))
    return {row.host: row.last_seen_up for row in rows}


def test_it_is_kept_when_a_host_goes(database: Database, group: Leased) -> None:
    group.heard = {"node1": EARLIER, "node2": LATER, "node3": EARLIER}

    LastHeard(database, group).note({"node1", "node2"})

    assert _kept(database) == {"node1": EARLIER, "node2": LATER, "node3": None}


def test_it_is_written_once_for_each_time_that_a_host_goes(
    database: Database, group: Leased
) -> None:
    last = LastHeard(database, group)
    group.heard = {"node1": EARLIER}
    last.note({"node1"})
    before = (database.writes, group.asked)

    for _ in range(5):
        last.note({"node1"})
    assert (database.writes, group.asked) == before

    last.note(set())
    group.heard = {"node1": LATER}
    last.note({"node1"})
    assert _kept(database)["node1"] == LATER


def test_of_two_conductors_the_one_that_heard_it_later_is_right(
    database: Database, group: Leased
) -> None:
    group.heard = {"node1": LATER}
    LastHeard(database, group).note({"node1"})
    group.heard = {"node1": EARLIER}

    LastHeard(database, group).note({"node1"})

    assert _kept(database)["node1"] == LATER


def test_the_driver_of_the_database_keeps_it_by_itself(database: Database) -> None:
    before, writes = _kept(database), database.writes

    LastHeard(database, DbDriver(defaults(), database)).note({"node1"})

    assert (_kept(database), database.writes) == (before, writes)
