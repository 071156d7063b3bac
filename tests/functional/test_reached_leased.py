"""Programs whose members hold leases in a store: reached, deaf, and at their end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.conf.servicegroup import down_time_s
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud
from tests.lossy_line import LossyLine
from tests.waiting import until


@pytest.fixture
def line() -> LossyLine:
    return LossyLine()


@pytest.fixture
def cloud(own_redis: Redis, line: LossyLine, tmp_path: Path) -> Iterator[BootCloud]:
    """It looks twice a second, and three seconds without a pulse are down."""
    options = {"servicegroup.driver": own_redis.url}
    with boot_cloud(tmp_path, lambda _conf: line, options=options) as made:
        until(lambda: _all_up(made))
        yield made


def _up(cloud: BootCloud) -> list[set[str]]:
    return [cloud.group.get_all(group) for group in (COMPUTE, CONDUCTOR, SCHEDULER)]


def _all_up(cloud: BootCloud) -> bool:
    return _up(cloud) == [set(HOSTS), {"control"}, {"control"}]


def test_who_is_deaf_is_down_and_is_up_again_when_it_hears(
    cloud: BootCloud, line: LossyLine
) -> None:
    line.loses = {"pulse"}
    until(lambda: _up(cloud) == [set(), set(), set()])
    line.loses = set()
    until(lambda: _all_up(cloud))

    cloud.wait(cloud.create(), "active")


def test_an_agent_is_up_while_conductors_answer_nothing_in_time(
    cloud: BootCloud, line: LossyLine
) -> None:
    line.unanswered = {"assignments"}
    clock = SystemClock()
    end = clock.monotonic() + 3 * down_time_s(cloud.conf)
    while clock.monotonic() < end:
        assert cloud.group.get_all(COMPUTE) == set(HOSTS)
        clock.sleep(0.1)


def test_an_agent_that_ends_is_gone_before_its_end(cloud: BootCloud) -> None:
    cloud.agent.stop()

    until(lambda: cloud.group.get_all(COMPUTE) == set())
    assert cloud.group.lately(COMPUTE) == set(HOSTS)
    assert cloud.group.get_all(CONDUCTOR) == {"control"}
