"""Waits until something is so."""

from collections.abc import Callable

from minicloud.runtime.clock import SystemClock

PATIENCE_S = 90.0


def until(met: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    clock = SystemClock()
    end = clock.monotonic() + patience_s
    while not met():
        assert clock.monotonic() < end, "it did not come to pass"
        clock.sleep(0.01)
