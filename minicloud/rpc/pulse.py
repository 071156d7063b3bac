"""What a program says to itself, over the line by which others reach it.

pulse (of every topic): sent by the loop that does the work, heard by what serves the topic. Who
hears it can be reached. It may be lost, doubled or late without harm: there are more to come.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from minicloud.errors import LineDown
from minicloud.rpc.line import Address, Line, Served
from minicloud.runtime.clock import Clock
from minicloud.runtime.within import OneAtATime

LOG = logging.getLogger(__name__)
_MISSED = 3  # pulses in a row that were sent and not heard, before one is deaf
_STOPPING_S = 5.0  # what serves and hears nothing may never stop


class Reached(Protocol):
    """What a loop that does the work asks of a pulse."""

    def send(self) -> None:
        """Say to oneself that the work goes on; never fails."""

    def take(self) -> bool:
        """Whether one was heard since this was asked last: each proves one renewal."""


class Unproved:
    """Of a program that others do not reach over a line: taken for reached."""

    def send(self) -> None:
        pass

    def take(self) -> bool:
        return True


class Pulse:
    """Serves `endpoint`, knows whether it is reached, and serves anew where it is not.

    `interval_s`: between two that are sent, at least. `woken` is called when one was heard.
    """

    def __init__(
        self,
        line: Line,
        to: Address,
        endpoint: object,
        clock: Clock,
        ttl_s: float,
        interval_s: float = 0.0,
    ) -> None:
        assert to.server is not None
        self._line, self._to, self._server = line, to, to.server
        self._clock, self._ttl_s, self._interval_s = clock, ttl_s, interval_s
        self._token = uuid.uuid4().hex  # an earlier process of the name may have left some
        self._lock = threading.Lock()
        self._sent_at: float | None = None
        self._is_heard = True  # until it had the time to hear its first
        self._missed = 0
        self._silent_since = 0.0
        self.woken: Callable[[], None] = _nothing
        self._endpoint = _Hearing(endpoint, self.hear)
        self._served = self._serve()

    def send(self) -> None:
        now = self._clock.monotonic()
        # A little less, so that a loop of this interval leaves none out.
        if self._sent_at is not None and now - self._sent_at < 0.9 * self._interval_s:
            return
        self._listen(now)
        try:
            # First, as it may be heard before `cast` returns.
            self._count(now)
            self._line.cast(self._to, {}, "pulse", token=self._token, sent_at=now)
        except LineDown:
            with self._lock:
                self._missed = 0  # nobody is reached by whoever else
        self._sent_at = now

    def hear(self, token: str, sent_at: float) -> None:
        now = self._clock.monotonic()
        if token != self._token or now - sent_at >= self._ttl_s:
            return
        with self._lock:
            was_deaf = self._missed > _MISSED
            self._is_heard, self._missed = True, 0
        if was_deaf:
            LOG.info("%s is reached again", self._name)
        self.woken()

    @property
    def is_heard(self) -> bool:
        """Whether one was heard since `take`."""
        return self._is_heard

    def take(self) -> bool:
        with self._lock:
            heard, self._is_heard = self._is_heard, False
            return heard

    def stop(self) -> None:
        self._served.stop()

    @property
    def _name(self) -> str:
        return f"{self._to.topic}.{self._server}"

    def _count(self, now: float) -> None:
        with self._lock:
            if self._missed == 0:
                self._silent_since = now
            self._missed += 1

    def _listen(self, now: float) -> None:
        """Serve anew after nothing was heard for so long: what serves may be lost for good."""
        with self._lock:
            missed, silent_s = self._missed, now - self._silent_since
        if missed == _MISSED:
            LOG.warning(
                "%s is deaf: for %.1f s it has not heard what it sends to itself; until it does "
                "it counts as down",
                self._name,
                silent_s,
            )
        if missed >= _MISSED and silent_s >= self._ttl_s:
            LOG.warning("%s has been deaf for %.1f s; it serves anew", self._name, silent_s)
            with suppress(TimeoutError):
                OneAtATime[None]().run(self._served.stop, _STOPPING_S)
            self._served = self._serve()
            with self._lock:
                self._silent_since = now

    def _serve(self) -> Served:
        return self._line.serve(self._to.topic, self._to.version, self._server, self._endpoint)


class _Hearing:
    """The endpoint, and `pulse` beside what it does."""

    def __init__(self, endpoint: object, hear: Callable[[str, float], None]) -> None:
        self._endpoint, self._hear = endpoint, hear

    def pulse(self, context: dict[str, Any], token: str, sent_at: float) -> None:
        self._hear(token, sent_at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._endpoint, name)


def _nothing() -> None:
    pass
