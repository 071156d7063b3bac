"""Two programs of one name: one has it, the other is told who, and gets it when that one ends."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from minicloud.cmd.parts import Parts
from minicloud.db import enlisting
from minicloud.errors import CannotStart, NameTaken
from minicloud.runtime import owner, pids
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.steps import nothing
from minicloud.servicegroup import newcomer
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.registry import Registry
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[BootCloud]:
    quick = {"servicegroup.service_down_time_s": 2.0}
    with boot_cloud(tmp_path, options=quick) as made:
        yield made


def _epochs(cloud: BootCloud) -> dict[str, int]:
    return cloud.books.read(lambda db: enlisting.epochs(db, HOSTS))


def _another(cloud: BootCloud) -> Parts:
    return Parts(cloud.conf, cloud.line, SystemClock(), nothing)


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (lambda cloud, other: other.compute("agent"), "node1"),
        (lambda cloud, other: other.conductor(cloud.books, cloud.group, "control"), "control"),
        (lambda cloud, other: other.scheduler(cloud.books, cloud.group, "control"), "control"),
    ],
    ids=["compute", "conductor", "scheduler"],
)
def test_the_second_one_ends_with_the_name_of_the_first_which_goes_on(
    cloud: BootCloud, begin: Callable[[BootCloud, Parts], None], name: str
) -> None:
    before, other = _epochs(cloud), _another(cloud)

    with pytest.raises(CannotStart, match=rf"^{name} is served by another program, .* process "):
        begin(cloud, other)
    other.stop()

    assert _epochs(cloud) == before
    cloud.wait(cloud.create(), "active")


def test_one_that_was_killed_on_this_machine_is_followed_without_a_wait(
    cloud: BootCloud,
) -> None:
    first = subprocess.Popen(["sleep", "600"])
    mine = {**owner.this_process("first"), "pid": first.pid}
    mine["started"] = pids.start_time(first.pid)
    registry = Registry(cloud.conf, cloud.books, cloud.group)

    def ask(ended: Sequence[str]) -> Mapping[str, int]:
        return registry.enlist(COMPUTE, ["other"], owner.this_process("next"), ended)

    assert registry.enlist(COMPUTE, ["other"], mine) == {"other": 1}
    with pytest.raises(NameTaken):
        newcomer.take(ask)
    first.kill()
    first.wait()
    assert newcomer.take(ask) == {"other": 2}


def test_the_next_one_has_the_name_at_once_when_the_first_has_ended(cloud: BootCloud) -> None:
    before = _epochs(cloud)
    cloud.agent.stop()

    cloud.agent = _another(cloud)
    cloud.agent.compute("agent")

    assert _epochs(cloud) == {host: epoch + 1 for host, epoch in before.items()}
    cloud.wait(cloud.create(), "active")
