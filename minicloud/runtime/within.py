"""Wait for work that knows no end of its own, but only for so long."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class OneAtATime(Generic[T]):
    """Runs work in a thread and waits for it for a bounded time.

    Work that does not end keeps its thread; until it ends nothing else is begun, so that whatever
    is asked meanwhile times out as well and no threads pile up.
    """

    def __init__(self) -> None:
        self._busy = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether there is work that has not ended."""
        return self._busy.locked()

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """What the work returns or raises; TimeoutError when it takes longer."""
        if not self._busy.acquire(timeout=seconds):
            raise TimeoutError
        ended = threading.Event()
        outcome: list[T | BaseException] = []

        def do() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                outcome.append(error)
            finally:
                self._busy.release()
                ended.set()

        threading.Thread(target=do, daemon=True, name="one-at-a-time").start()
        if not ended.wait(seconds):
            raise TimeoutError
        (result,) = outcome
        if isinstance(result, BaseException):
            raise result
        return result
