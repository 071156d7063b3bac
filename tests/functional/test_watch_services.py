"""minicloud-manage service watch: who comes and goes is told, and why."""

import itertools
import re
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa

from minicloud.cmd.parts import service_group
from minicloud.cmd.service_books import Books
from minicloud.cmd.service_watch import Watcher
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis
from minicloud.servicegroup.base import COMPUTE, SCHEDULER
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.leases import lease_of
from minicloud.zones.local.hosts import LocalHosts
from tests.functional.managing import add_service, conf_of, kept_in, program, set_service
from tests.functional.over_books import database
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.waiting import until

__all__ = ["database", "program"]  # fixtures


def test_who_watches_is_told_of_the_store_and_of_nobody_who_lives_on(
    database: Database, own_redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = conf_of(kept_in(own_redis))
    conf.set_override("connection", database.engine.url.render_as_string(), "database")
    lease = lease_of(conf, "node1", SystemClock())
    lease.join({"node1": 1}, COMPUTE)
    group = service_group(conf, database)
    hosts = LocalHosts(conf, database, group)
    watcher = Watcher(Books(conf), hosts, group, SystemClock(), None)
    told: list[str] = []

    def look() -> None:
        watcher.step()
        told.extend(_lines(capsys))

    def step() -> None:
        lease.renew()
        look()

    def says(word: str) -> Callable[[], bool]:
        return lambda: any(word in line for line in told)

    try:
        until(lambda: group.get_all(COMPUTE) == {"node1"}, lease.renew)
        watcher.begin((COMPUTE,))
        own_redis.stop()
        until(says("unreachable"), step)
        own_redis.start()
        until(says("is back: nobody is called down for"), step)
        until(lambda: group.store().settles_s == 0, step)
        assert not says("node1 is")()
        lease.leave()
        until(says("node1 is down: its lease was not renewed"), look)
    finally:
        group.close()
        lease.close()


@pytest.fixture
def watcher(database: Database) -> Watcher:
    conf = defaults()
    conf.set_override("connection", database.engine.url.render_as_string(), "database")
    conf.set_override("service_down_time_s", 600.0, "servicegroup")
    group = DbDriver(conf, database)
    hosts = LocalHosts(conf, database, group)
    return Watcher(Books(conf), hosts, group, HandClock(), None)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.partition("Z ")[2] for line in capsys.readouterr().out.splitlines()]


def test_who_watches_is_told_who_comes_and_goes_and_why(
    watcher: Watcher, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    add_service(database, SCHEDULER, "control")
    watcher.begin((COMPUTE, SCHEDULER))
    begun = _lines(capsys)

    set_service(database, "node1", forced_down=True)
    set_service(
        database, "node2", last_seen_up=sa.text("'2020-01-01 00:00:00'"), epoch=3
    )  # resigned
    add_service(database, COMPUTE, "node4")
    database.write(lambda db: db.query(Service).filter_by(host="node3").delete())
    set_service(database, "control", last_seen_up=sa.text("'2020-01-01 00:00:00'"))
    watcher.step()
    of_scheduler, *told = sorted(_lines(capsys))
    watcher.step()

    assert begun[:2] == ["nova-compute: 3 of 3 up", "nova-scheduler: 1 of 1 up"]
    assert begun[2].endswith("which answers")
    assert told == [
        "node1 is down: an operator says so",
        "node2 is down: it has left",
        "node3 is down: deleted",
        "node4 is up",
    ]
    assert re.fullmatch(r"control \(nova-scheduler\) is down: not heard for \d+ d", of_scheduler)
    assert _lines(capsys) == []


def test_watching_ends_with_ctrl_c_and_without_a_traceback(program: list[str]) -> None:
    with subprocess.Popen(
        [*program, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert "nova-compute: 3 of 3 up" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
        assert running.stderr.read() == ""


def test_watching_ends_when_nobody_reads_any_more(program: list[str], database: Database) -> None:
    with subprocess.Popen(
        [*program, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert "nova-compute: 3 of 3 up" in running.stdout.readline()
        running.stdout.close()

        forced = itertools.cycle((True, False))

        def flap() -> None:
            set_service(database, "node1", forced_down=next(forced))
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.8)

        until(lambda: running.poll() is not None, flap)
        assert running.returncode == 141
        assert running.stderr.read() == ""
