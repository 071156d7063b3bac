"""One thread, a heap of events, and processes that can be killed at any moment.

What a service does runs in an activity: a greenlet that gives way where a real one would wait (a
call, a sleep, the start of a transaction). Which activity goes on, and when, comes from the dice.
"""

import heapq
import itertools
import random
import threading
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

EPOCH = datetime(2026, 1, 1)


class Crash(BaseException):
    """The process is killed here; nobody may catch this."""


class Process:
    """One program. Killed, all that runs in it ends; a new one takes its place later."""

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.kernel, self.name = kernel, name
        self.alive = True
        self.stopped = False  # by SIGSTOP; others cannot tell it from one that is busy
        self.activities: dict[Activity, None] = {}
        self._waiting: list[Activity] = []

    def start(self, work: Callable[[], None], delay_s: float = 0.0) -> "Activity":
        return Activity(self, work, delay_s)

    def check_alive(self) -> None:
        if not self.alive:
            raise Crash

    def kill(self) -> None:
        """End everything; called by the kernel's own thread of events, by no activity."""
        self.alive = False
        self.bury()

    def stop(self) -> None:
        self.stopped = True

    def go_on(self) -> None:
        """What was to happen meanwhile happens now, in its order."""
        self.stopped = False
        waiting, self._waiting = self._waiting, []
        for activity in waiting:
            self.kernel.after(0, activity.resume)

    def wait(self, activity: "Activity") -> None:
        """Until it goes on."""
        self._waiting.append(activity)

    def bury(self) -> None:
        """If it is dead, end what still runs in it."""
        for activity in list(self.activities) if not self.alive else ():
            activity.end()


class Activity:
    """Work of one process that can be suspended."""

    def __init__(self, process: Process, work: Callable[[], None], delay_s: float) -> None:
        self.process, self._work = process, work
        self._greenlet = greenlet(self._run, process.kernel.main)
        process.activities[self] = None
        process.kernel.after(delay_s, self.resume)

    def resume(self) -> None:
        if self.process.stopped:
            self.process.wait(self)
        elif self.process.alive and not self._greenlet.dead:
            kernel = self.process.kernel
            kernel.current = self
            self._greenlet.switch()
            kernel.current = None
            self.process.bury()

    def end(self) -> None:
        if self._greenlet:  # begun and not ended
            self._greenlet.throw(Crash)
        self.process.activities.pop(self, None)

    def give_way(self) -> None:
        self.process.kernel.main.switch()
        self.process.check_alive()

    def _run(self) -> None:
        try:
            self._work()
        except Crash:
            self.process.alive = False
        except Exception as error:
            self.process.kernel.wrong(f"{self.process.name}: {type(error).__name__}: {error}")
        finally:
            self.process.activities.pop(self, None)


class Waiter:
    """A place where one activity waits for one value, or for the end of its patience."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self._activity = kernel.running()
        self._over = self._waiting = False
        self.value: Any = None

    def give(self, value: Any = True) -> None:
        if not self._over:
            self._over, self.value = True, value
            if self._waiting:
                self._kernel.after(0, self._activity.resume)

    def wait(self, patience_s: float | None = None) -> bool:
        """False when the patience ended first."""
        if self._over:
            return True
        self._waiting = True
        if patience_s is not None:
            self._kernel.after(patience_s, self._expire)
        self._activity.give_way()
        return self.value is not None

    def _expire(self) -> None:
        if not self._over:
            self._over = True
            self._activity.resume()


class Kernel:
    """Time, order and chance of one run."""

    def __init__(self, seed: int, *, keep_trace: bool = False) -> None:
        self.main = getcurrent()  # events; whoever gives way gives way to it
        self.dice = random.Random(seed)
        self.now_s = 0.0
        self.current: Activity | None = None
        self.problems: list[str] = []
        self.trace: list[str] = []
        self.digest = 0
        self._keep_trace = keep_trace
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def running(self) -> Activity:
        assert self.current is not None
        return self.current

    def at(self, moment_s: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (max(moment_s, self.now_s), next(self._numbers), work))

    def after(self, delay_s: float, work: Callable[[], None]) -> None:
        self.at(self.now_s + delay_s, work)

    def run_until(self, moment_s: float) -> None:
        while self._heap and self._heap[0][0] <= moment_s:
            self.now_s, _number, work = heapq.heappop(self._heap)
            work()
        self.now_s = moment_s

    def pause(self, seconds: float) -> None:
        """Let others run for so long."""
        activity = self.running()
        self.after(seconds, activity.resume)
        activity.give_way()

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    def say(self, who: str, what: str) -> None:
        """A line of the trace; two runs of one seed say the same."""
        line = f"{self.now_s:9.3f}  {who:<12} {what}"
        self.digest = hash_of(self.digest, line)
        if self._keep_trace:
            self.trace.append(line)

    def wrong(self, what: str) -> None:
        """Something that must never happen."""
        self.say("PROBLEM", what)
        self.problems.append(what)


def hash_of(before: int, line: str) -> int:
    """A hash that is the same in every process, unlike hash()."""
    return zlib.crc32(line.encode(), before)


class SimClock:
    """runtime.clock.Clock on simulated time."""

    def __init__(self, kernel: Callable[[], Kernel], *, sleeps: bool = True) -> None:
        self._kernel, self._sleeps = kernel, sleeps

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._kernel().now_s)

    def monotonic(self) -> float:
        return self._kernel().now_s

    def sleep(self, seconds: float) -> None:
        if self._sleeps:
            self._kernel().pause(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        raise NotImplementedError("services in a simulation have no threads")


class SimLoop:
    """runtime.loop.Loop as an activity: steps when woken, and each `interval_s` at least."""

    def __init__(
        self, process: Process, name: str, step: Callable[[], None], interval_s: float
    ) -> None:
        self._process, self._kernel, self._name = process, process.kernel, name
        self._step, self._interval_s = step, interval_s
        self._woken = False
        self._waiter: Waiter | None = None
        process.start(self._run)

    def wake(self) -> None:
        self._woken = True
        if self._waiter is not None:
            self._waiter.give()

    def _run(self) -> None:
        kernel = self._kernel
        while True:
            self._woken = False
            try:
                self._step()
            except Exception as error:
                self._report(error)
                kernel.pause(min(self._interval_s, 1.0))
            if not self._woken:
                self._waiter = Waiter(kernel)
                self._waiter.wait(self._interval_s)
                self._waiter = None
            kernel.pause(kernel.dice.uniform(0, 0.01))

    def _report(self, error: Exception) -> None:
        what = f"{self._process.name}: step of {self._name}: {type(error).__name__}: {error}"
        if getattr(error, "injected", False):
            self._kernel.say(self._process.name, what)
        else:
            self._kernel.wrong(what)


class SimWorkers:
    """runtime.workers.Workers as activities of the agent's process."""

    def __init__(self, process: Process) -> None:
        self._process, self._kernel = process, process.kernel
        self._running = 0
        self._settling: list[Waiter] = []

    def start(self, work: Callable[[], None]) -> None:
        self._running += 1
        self._process.start(lambda: self._work(work), self._kernel.dice.uniform(0, 0.02))

    def settle(self, patience_s: float) -> None:
        if self._running:
            waiter = Waiter(self._kernel)
            self._settling.append(waiter)
            waiter.wait(patience_s)

    def stop(self) -> None:
        pass

    def _work(self, work: Callable[[], None]) -> None:
        work()
        self._running -= 1
        if not self._running:
            for waiter in self._settling:
                waiter.give()
            self._settling.clear()
