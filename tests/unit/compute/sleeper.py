"""A clock for tests that do not wait."""

import threading
from datetime import datetime


class Sleeper:
    """A clock that only notes how long it was to sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1)

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.is_set()
