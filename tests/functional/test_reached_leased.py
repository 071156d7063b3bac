"""Programs whose members hold leases in a store: reached, deaf, and at their end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import null

from minicloud.cmd.parts import Parts, service_group
from minicloud.conf.servicegroup import down_time_s
from minicloud.db import services
from minicloud.db.models import Service
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.servers.redis import Redis
from minicloud.runtime.steps import nothing
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR, SCHEDULER
from minicloud.zones.local.services import LocalServices
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


@pytest.mark.parametrize("kind", [CONDUCTOR, SCHEDULER])
def test_a_service_that_is_deleted_while_its_program_lives_comes_back_as_its_own(
    cloud: BootCloud, kind: str
) -> None:
    def row() -> Service | None:
        return next(iter(cloud.books.read(lambda db: services.of_group(db, kind))), None)

    before = row()
    assert before is not None
    assert before.owner is not None
    LocalServices(cloud.books).remove(cloud.alice, before)

    until(lambda: (there := row()) is not None and there.owner)
    until(lambda: _all_up(cloud))

    after = row()
    assert after is not None
    assert after.uuid != before.uuid
    assert (after.owner or {})["nonce"] == before.owner["nonce"]
    _successor_gets_in(cloud, kind)


def _successor_gets_in(cloud: BootCloud, kind: str) -> None:
    """What the program had in the store before is no hindrance for who comes next."""
    begin = Parts.conductor if kind == CONDUCTOR else Parts.scheduler
    books, group = cloud.books, service_group(cloud.conf, cloud.books)
    mine = next(iter(books.read(lambda db: services.of_group(db, kind))))
    books.write(lambda db: services.change(db, mine.id, {"owner": null()}))  # as if it had ended
    other = Parts(cloud.conf, cloud.line, SystemClock(), nothing)
    try:
        begin(other, books, group, "control")
        assert group.get_all(kind) == {"control"}
    finally:
        other.stop()
        group.close()
