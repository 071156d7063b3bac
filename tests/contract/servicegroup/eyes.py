"""Looks at a service group all the time, and remembers what it was told."""

import threading
from collections.abc import Callable, Set
from contextlib import suppress
from dataclasses import dataclass

from minicloud.errors import MinicloudError
from minicloud.runtime.clock import SystemClock
from minicloud.runtime.loop import Loop
from minicloud.servicegroup.base import ServiceGroup
from tests.contract.servicegroup.place import TTL_S

LOOK_S, ASK_S = 0.25, 0.1
PATIENCE_S = 90.0
_ALLOWED = 3  # it takes time from several processes, one after another
_CLOCK = SystemClock()


class Stalls:
    """How much time the machine took from those who measure: not theirs who are measured."""

    _BEAT_S = 0.05

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stalls", daemon=True)
        self._thread.start()

    def between(self, begin: float, end: float) -> float:
        return sum(late for at, late in list(self._late) if begin <= at <= end)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        before = _CLOCK.monotonic()
        while not self._stopping.wait(self._BEAT_S):
            now = _CLOCK.monotonic()
            if (late := now - before - self._BEAT_S) > self._BEAT_S / 5:
                self._late.append((now, late))
            before = now


@dataclass(frozen=True)
class Answer:
    """Who lives; None: the question was not answered."""

    asked: float
    answered: float
    alive: Set[str] | None


class Eyes:
    """Asks all the time, while a loop looks, as the programs have one."""

    def __init__(self, group: ServiceGroup, kind: str, stalls: Stalls) -> None:
        self.group, self._kind, self._stalls = group, kind, stalls
        self._answers: list[Answer] = []
        self._told = threading.Condition()
        self._stopping = threading.Event()
        self._look = Loop("look", self._see, LOOK_S, _CLOCK)
        self._thread = threading.Thread(target=self._run, name="eyes", daemon=True)
        self._look.start()
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._look.stop(10)
        self._thread.join(10)

    def sees(self, alive: Set[str]) -> float:
        """Wait until just these live; the moment of the answer."""
        return self._until(
            lambda there: there == alive, 0.0, f"{sorted(alive)[:20]} live"
        ).answered

    def sees_gone(self, name: str, since: float) -> float:
        """Wait until this one does not; the moment of the answer."""
        return self._until(lambda there: name not in there, since, f"{name} is gone").answered

    def sees_back(self, name: str, since: float) -> float:
        return self._until(lambda there: name in there, since, f"{name} is back").answered

    def answers(self, since: float) -> list[Answer]:
        with self._told:
            return [answer for answer in self._answers if answer.asked >= since]

    def saw_down(self, name: str, since: float) -> list[float]:
        """When it was told that this one does not live, in seconds from then.

        Not where the machine had no time for a good part of its ttl: then it may have had none for
        the member either, who is down rightly.
        """
        return [
            round(answer.answered - since, 2)
            for answer in self.answers(since)
            if answer.alive is not None
            and name not in answer.alive
            and self._stalls.between(answer.asked - 2 * TTL_S, answer.answered) < TTL_S / 4
        ]

    def stalled_s(self, since: float) -> float:
        """What to allow for a machine that has other work, generously; next to nothing if not."""
        return _ALLOWED * self._stalls.between(since, _CLOCK.monotonic())

    def _until(self, met: Callable[[Set[str]], bool], since: float, what: str) -> Answer:
        end = _CLOCK.monotonic() + PATIENCE_S
        with self._told:
            while True:
                for answer in self._answers:
                    if answer.asked >= since and answer.alive is not None and met(answer.alive):
                        return answer
                assert _CLOCK.monotonic() < end, f"not seen: {what}; last: {self._answers[-3:]}"
                self._told.wait(1.0)

    def _see(self) -> None:
        with suppress(MinicloudError):  # the loop of a program logs it and looks again
            self.group.look()

    def _run(self) -> None:
        while not self._stopping.wait(ASK_S):
            asked = _CLOCK.monotonic()
            alive: Set[str] | None = None
            with suppress(Exception):  # its database is away: nothing is told, so nothing is wrong
                alive = frozenset(self.group.get_all(self._kind))
            with self._told:
                self._answers.append(Answer(asked, _CLOCK.monotonic(), alive))
                self._told.notify_all()
