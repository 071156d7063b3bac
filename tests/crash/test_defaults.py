"""The promise with the options that everybody has: at rest 30 s after the restart."""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from minicloud.runtime import pids
from tests.crash.deployment import FREE, REST_S, Deployment, until
from tests.crash.test_outages import going_on
from tests.crash.traffic import Traffic, check_kept

ALL = ("api", "conductor", "scheduler", "compute")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One of each program and three agents, nothing made quick."""
    made = Deployment(tmp_path_factory.mktemp("defaults"))
    made.start(options=FREE)
    yield made
    made.stop()


def test_all_programs_killed_in_mid_boot(plain: Deployment) -> None:
    traffic = Traffic(plain.client)

    with going_on(traffic, seconds=2):
        killed = plain.kill(*ALL)
        plain.wait_restarted(killed)
    plain.wait_for_rest(REST_S)

    check_kept(plain.client, traffic)


def test_broker_and_database_and_programs_killed(plain: Deployment) -> None:
    traffic = Traffic(plain.client)

    with going_on(traffic, seconds=2):
        killed = plain.kill(*ALL, "rabbitmq", "mariadb")
        plain.wait_restarted(killed)
    plain.wait_for_rest(REST_S)

    check_kept(plain.client, traffic)


def test_the_supervisor_killed_and_all_with_it(plain: Deployment) -> None:
    """As when the machine goes down: `up` ends what is left over and takes up the work."""
    traffic = Traffic(plain.client)
    old = plain.cloud.run()

    with going_on(traffic, seconds=2):
        pids.send(old.pid, old.process_started, signal.SIGKILL)
        for child in old.children:
            with suppress(ProcessLookupError):
                pids.send(child.pid, child.process_started, signal.SIGKILL)
    until(lambda: plain.cloud.state.run() is None, 10)
    plain.start(options=FREE)
    plain.wait_for_rest(REST_S)

    check_kept(plain.client, traffic)


def test_a_boot_without_trouble_is_not_slow(plain: Deployment) -> None:
    """Nothing of what was killed before is in the way now."""
    traffic = Traffic(plain.client)
    began = time.monotonic()

    traffic.create()
    until(lambda: plain.client.status(traffic.accepted[0]) == "ACTIVE", 15)

    assert time.monotonic() - began < 15
