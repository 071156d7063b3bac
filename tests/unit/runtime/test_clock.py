"""The server's time: asked seldom, counted on in between by the monotonic clock."""

import threading
from datetime import datetime, timedelta

from minicloud.runtime.clock import ServerClock, SystemClock

_NOON = datetime(2026, 5, 1, 12)


class Machine:
    """A machine whose time of day is wrong and jumps."""

    def __init__(self) -> None:
        self.day, self.running_s = _NOON - timedelta(days=300), 1000.0

    def now(self) -> datetime:
        return self.day

    def monotonic(self) -> float:
        return self.running_s

    def sleep(self, seconds: float) -> None:
        self.running_s += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.is_set()


def test_the_servers_time_goes_on_between_two_questions() -> None:
    machine = Machine()
    clock = ServerClock(machine)
    clock.learn(_NOON)

    machine.sleep(2.5)

    assert clock.now() == _NOON + timedelta(seconds=2.5)


def test_jumps_of_the_machines_time_of_day_change_nothing() -> None:
    machine = Machine()
    clock = ServerClock(machine)
    clock.learn(_NOON)

    machine.day += timedelta(hours=5)

    assert clock.now() == _NOON


def test_it_is_stale_before_the_first_and_long_after_the_last_answer() -> None:
    machine = Machine()
    clock = ServerClock(machine, refresh_s=60.0)
    at_first = clock.stale
    clock.learn(_NOON)

    fresh = clock.stale
    machine.sleep(60.5)

    assert (at_first, fresh, clock.stale) == (True, False, True)


def test_before_the_first_answer_the_machines_time_must_do() -> None:
    machine = Machine()

    assert ServerClock(machine).now() == machine.day


def test_the_machines_time_is_utc_without_zone() -> None:
    assert SystemClock().now().tzinfo is None
