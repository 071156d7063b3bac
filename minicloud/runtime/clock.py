"""Time, handed in: services ask a Clock and never the machine."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day in UTC, without zone (as the database keeps it)."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None: ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event at most so long; tell whether it is set."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class ServerClock:
    """The time of a server that many processes share, by asking it seldom.

    Between two questions the machine's monotonic clock counts on, so that jumps of the machine's
    time of day change nothing.
    """

    def __init__(self, base: Clock, refresh_s: float = 60.0) -> None:
        self._base = base
        self._refresh_s = refresh_s
        self._at: tuple[float, datetime] | None = None

    def learn(self, server_now: datetime) -> None:
        """Take over the server's time of day."""
        self._at = (self._base.monotonic(), server_now)

    @property
    def stale(self) -> bool:
        return self._at is None or self._base.monotonic() - self._at[0] > self._refresh_s

    def now(self) -> datetime:
        if self._at is None:
            return self._base.now()
        then, server_now = self._at
        return server_now + timedelta(seconds=self._base.monotonic() - then)
