"""A loop steps when woken and every so often; it survives errors and stops when told."""

import threading

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.runtime.loop import Loop

_PATIENCE_S = 20.0
_NEVER_S = 3600.0


class Steps:
    """Counts steps; a test may wait for one, and hold one up."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failing = False

    def step(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
        assert self.may_go_on.wait(_PATIENCE_S)
        if self.failing:
            raise ValueError("bad step")

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, _PATIENCE_S)


@pytest.fixture
def steps() -> Steps:
    return Steps()


def test_a_wake_makes_it_step(steps: Steps) -> None:
    loop = Loop("test", steps.step, _NEVER_S, SystemClock())
    loop.start()
    steps.wait_for(1)

    loop.wake()

    steps.wait_for(2)
    assert loop.stop(_PATIENCE_S)


def test_wakes_during_a_step_become_one_further_step(steps: Steps) -> None:
    loop = Loop("test", steps.step, _NEVER_S, SystemClock())
    steps.may_go_on.clear()
    loop.start()
    steps.wait_for(1)

    for _again in range(10):
        loop.wake()
    steps.may_go_on.set()
    steps.wait_for(2)

    assert loop.stop(_PATIENCE_S)
    assert steps.count == 2


def test_it_steps_now_and_then_without_a_wake(steps: Steps) -> None:
    loop = Loop("test", steps.step, 0.01, SystemClock())
    loop.start()

    steps.wait_for(4)

    assert loop.stop(_PATIENCE_S)


def test_it_goes_on_after_an_error(steps: Steps) -> None:
    steps.failing = True
    loop = Loop("test", steps.step, 0.01, SystemClock())
    loop.start()

    steps.wait_for(3)

    assert loop.stop(_PATIENCE_S)


def test_it_finishes_the_step_under_way_and_starts_no_other(steps: Steps) -> None:
    loop = Loop("test", steps.step, 0.01, SystemClock())
    steps.may_go_on.clear()
    loop.start()
    steps.wait_for(1)

    ended_early = loop.stop(0.05)
    steps.may_go_on.set()

    assert not ended_early
    assert loop.stop(_PATIENCE_S)
    assert steps.count == 1
