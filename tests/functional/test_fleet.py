"""The scheduler's table follows the books, and not by reading all of them each time."""

from collections.abc import Iterable
from datetime import timedelta
from unittest.mock import patch

import pytest

from minicloud.db import hosts, schema
from minicloud.db.engine import Database
from minicloud.db.hosts import Need
from minicloud.scheduler.fleet import Fleet
from minicloud.scheduler.hosts import HostFacts, HostTable
from minicloud.servicegroup.base import COMPUTE
from tests.contract.db.rows import add_host
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.unit.scheduler.hosts import request

_HOSTS = ("h1", "h2", "h3", "h4")


class Everyone:
    """A service group whose members are all alive."""

    def get_all(self, group: str) -> set[str]:
        return set(_HOSTS) if group == COMPUTE else set()

    def lately(self, group: str) -> set[str]:
        return set()


class Cloud:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.books = Database("sqlite://", self.clock)
        schema.create(self.books)
        for name in _HOSTS:
            add_host(self.books, name, now=self.books.now())
        conf = defaults()
        self.fleet = Fleet(conf, self.books, Everyone())  # type: ignore[arg-type]
        self.look()

    def look(self) -> set[str]:
        """Which hosts are read."""
        read: set[str] = set()
        update = HostTable.update

        def noted(table: HostTable, facts: Iterable[HostFacts]) -> None:
            found = list(facts)
            read.update(one.host for one in found)
            update(table, found)

        with patch.object(HostTable, "update", noted), self.fleet.lock:
            self.fleet.refresh()
        return read

    def claim(self, host: str, *, age_s: float = 0) -> None:
        """A claim that is stamped some time ago and committed now."""
        stamp = self.books.now() - timedelta(seconds=age_s)
        need = Need(vcpus=1, memory_mb=512, disk_gb=1, instances=1)
        assert self.books.write(lambda db: hosts.claim(db, host, need, stamp))

    def instances(self, host: str) -> int:
        table = self.fleet.table
        place = table.place_of(host)
        assert place is not None
        return int(table.num_instances[place])

    def later(self) -> None:
        """Long enough for what was written to be old."""
        self.clock.pass_s(10)
        self.look()
        self.clock.pass_s(10)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_only_what_changed_is_read(cloud: Cloud) -> None:
    cloud.later()
    cloud.claim("h2")

    assert cloud.look() == {"h2"}
    assert cloud.instances("h2") == 1


def test_what_was_counted_in_vain_is_read_again_for_itself(cloud: Cloud) -> None:
    cloud.later()
    table = cloud.fleet.table
    table.take(0, request())
    table.take(1, request())
    with cloud.fleet.lock:
        cloud.fleet.count(["h1", "h2"])
    cloud.claim("h2")
    cloud.fleet.settle(["h1", "h2"], ["h1"])

    assert cloud.look() == {"h1", "h2"}
    assert (cloud.instances("h1"), cloud.instances("h2")) == (0, 1)
    cloud.later()
    assert cloud.look() == set()


def test_a_close_look_sees_what_was_committed_late(cloud: Cloud) -> None:
    cloud.later()
    cloud.claim("h3", age_s=15)
    assert cloud.look() == set()

    cloud.fleet.look_closely()
    with cloud.fleet.lock:
        assert cloud.fleet.refresh()

    assert cloud.instances("h3") == 1


def test_a_close_look_doubts_what_is_counted_and_not_yet_claimed(cloud: Cloud) -> None:
    """Another request may be refused for it, for good."""
    cloud.clock.pass_s(200)
    cloud.look()
    cloud.fleet.table.take(0, request())
    with cloud.fleet.lock:
        cloud.fleet.count(["h1"])

    cloud.fleet.look_closely()

    assert "h1" in cloud.look()
    assert cloud.instances("h1") == 0


def test_a_host_that_is_gone_is_forgotten_when_it_is_doubted(cloud: Cloud) -> None:
    cloud.later()
    cloud.books.write(lambda db: hosts.remove(db, "h2"))
    cloud.fleet.settle(["h2"], ["h2"])

    cloud.look()

    assert cloud.fleet.table.names == ["h1", "h3", "h4"]


def test_everything_is_read_now_and_then(cloud: Cloud) -> None:
    cloud.later()
    cloud.books.write(lambda db: hosts.remove(db, "h2"))
    cloud.clock.pass_s(31)

    assert cloud.look() == {"h1", "h3", "h4"}
    assert cloud.fleet.table.names == ["h1", "h3", "h4"]


def test_everything_is_read_when_time_went_back(cloud: Cloud) -> None:
    cloud.clock.pass_s(3600)
    cloud.look()
    cloud.clock.pass_s(-3000)

    assert cloud.look() == set(_HOSTS)
