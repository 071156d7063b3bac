"""Waits until something is so."""

from collections.abc import Callable

from minicloud.runtime.clock import SystemClock

PATIENCE_S = 90.0


def until(met: Callable[[], object], work: Callable[[], object] = lambda: None) -> None:
    """Do `work` again and again until the condition is met."""
    clock = SystemClock()
    end = clock.monotonic() + PATIENCE_S
    while not met():
        assert clock.monotonic() < end, "it did not come to pass"
        work()
        clock.sleep(0.01)
