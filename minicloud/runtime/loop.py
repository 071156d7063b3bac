"""Do a piece of work when woken, and every so often even when not."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)


class Wakeable(Protocol):
    def wake(self) -> None: ...


class Loop:
    """A thread that calls `step` when woken and at least each `interval_s` seconds.

    Wakes that arrive while a step runs are merged into one further step. Once they come faster
    than the steps do, each step is put off by `gather_s` seconds so that it finds more to do: with
    little to do a wake is followed at once, under load the cost of a step is shared. An error in
    a step is logged and the loop goes on: the next step starts from the database again.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        interval_s: float,
        clock: Clock,
        gather_s: float = 0.0,
    ) -> None:
        self._name, self._step, self._interval_s, self._clock = name, step, interval_s, clock
        self._gather_s = gather_s
        self._wakes = 0
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        with self._lock:
            self._wakes += 1
        self._woken.set()

    def stop(self, patience_s: float = 30.0) -> bool:
        """Finish the step under way, start no other; False when it did not end in time."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            merged = self._taken_wakes()
            try:
                self._step()
            except Exception:
                LOG.exception("%s: a step failed; going on", self._name)
                self._clock.wait(self._stopping, min(self._interval_s, 1.0))
            if self._gather_s and (merged > 1 or self._woken.is_set()):
                self._clock.wait(self._stopping, self._gather_s)
            self._clock.wait(self._woken, self._interval_s)

    def _taken_wakes(self) -> int:
        """How many wakes the step to come answers."""
        with self._lock:
            merged, self._wakes = self._wakes, 0
            self._woken.clear()
            return merged
