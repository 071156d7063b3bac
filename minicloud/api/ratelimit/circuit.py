"""Asks nothing of a store that is down, but once in a while; so nobody waits for it."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from minicloud.api.ratelimit.store import StoreDown
from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)

T = TypeVar("T")


class Circuit:
    """Once a call has failed, only one in `pause_s` seconds is tried; the others fail at once.

    Going down and coming back are logged, once each.
    """

    def __init__(self, what: str, clock: Clock, pause_s: float) -> None:
        self._what, self._clock, self._pause_s = what, clock, pause_s
        self._lock = threading.Lock()
        self._reason = ""  # why it is down; "": it is not
        self._try_at = 0.0

    def call(self, work: Callable[[], T], failures: tuple[type[Exception], ...]) -> T:
        if self._reason:
            self._take_turn()
        try:
            result = work()
        except failures as error:
            self._failed(f"{type(error).__name__}: {error}")
            raise StoreDown from error
        if self._reason:
            self._recovered()
        return result

    def _take_turn(self) -> None:
        """Be the one who tries, or fail at once."""
        with self._lock:
            now = self._clock.monotonic()
            if self._reason and now < self._try_at:
                raise StoreDown
            self._try_at = now + self._pause_s

    def _failed(self, reason: str) -> None:
        with self._lock:
            first, self._reason = not self._reason, reason
            self._try_at = self._clock.monotonic() + self._pause_s
        if first:
            LOG.error("%s is down: %s", self._what, reason)

    def _recovered(self) -> None:
        with self._lock:
            first, self._reason = bool(self._reason), ""
        if first:
            LOG.warning("%s is back", self._what)
