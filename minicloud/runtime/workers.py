"""Work that may take long, beside a loop: bounded threads, or whatever a test hands in."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Protocol


class Workers(Protocol):
    def start(self, work: Callable[[], None]) -> None:
        """Do it some time soon; `work` keeps its own errors."""

    def settle(self, patience_s: float) -> None:
        """Wait until what was started is done, but not longer than this."""

    def stop(self) -> None: ...


class ThreadWorkers:
    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._running: set[Future[None]] = set()

    def start(self, work: Callable[[], None]) -> None:
        future = self._pool.submit(work)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def settle(self, patience_s: float) -> None:
        wait_for(list(self._running), timeout=patience_s)

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


class InlineWorkers:
    """Everything at once, in the caller's thread."""

    def start(self, work: Callable[[], None]) -> None:
        work()

    def settle(self, patience_s: float) -> None:
        pass

    def stop(self) -> None:
        pass
