"""Time that passes when the test says so."""

import threading
from datetime import datetime, timedelta


class HandClock:
    def __init__(self) -> None:
        self.passed_us = 0

    def pass_s(self, seconds: float) -> None:
        self.passed_us += round(seconds * 1_000_000)

    def now_us(self) -> int:
        return self.passed_us

    def now(self) -> datetime:
        return datetime(2026, 3, 1) + timedelta(microseconds=self.passed_us)

    def monotonic(self) -> float:
        return self.passed_us / 1_000_000

    def sleep(self, seconds: float) -> None:
        self.pass_s(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.is_set()
