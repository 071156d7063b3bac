"""The supervisor: starts children, starts again what dies, stops them in order."""

import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

from minicloud.errors import CannotStart, MinicloudError
from minicloud.runtime.clock import Clock
from minicloud.runtime.control import Control, Request
from minicloud.runtime.life import with_log
from minicloud.runtime.programs import Program, Runnable
from minicloud.runtime.rolling import Step, roll
from minicloud.runtime.runfile import Child
from minicloud.runtime.watched import Watched

__all__ = ["Program", "Stopped", "Supervisor"]

TICK_S = 0.05


class Stopped(Exception):
    """Whoever waits is asked to stop."""


class Supervisor:
    """One thread that looks after all children; `changed` hears of every change of theirs."""

    def __init__(
        self,
        clock: Clock,
        say: Callable[[str], None],
        changed: Callable[[list[Child]], None],
        control: Control | None = None,
    ) -> None:
        self._clock, self._say, self._changed, self._control = clock, say, changed, control
        self._children: dict[str, Watched] = {}
        self._rolling: tuple[Request, Step] | None = None

    def start(self, spec: Runnable) -> None:
        """Start it and look after it from now on."""
        watched = self._children[spec.name] = Watched(spec, self._clock)
        watched.launch()
        self._tell_change()

    def wait_ready(self, names: Iterable[str], stopping: threading.Event) -> None:
        """Wait for the first start of these; who dies now has a reason that a person must read."""
        for name in names:
            watched = self._children[name]
            began = self._clock.monotonic()
            while not self._became_ready(watched):
                if stopping.is_set():
                    raise Stopped
                life, patience_s = watched.life, watched.spec.start_patience_s
                if life is not None and life.over:
                    raise CannotStart(with_log(f"{name} {life.how_it_ended()}", watched.spec.log))
                if self._clock.monotonic() - began > patience_s:
                    text = f"{name} was not ready within {patience_s:.0f} s"
                    raise CannotStart(with_log(text, watched.spec.log))
                self._clock.wait(stopping, TICK_S)

    def run(self, stopping: threading.Event) -> None:
        """Look after the children until asked to stop."""
        while not self._clock.wait(stopping, TICK_S):
            self.step()

    def step(self) -> None:
        """Look at every child once, and go on with what was asked for."""
        for watched in self._children.values():
            if not watched.busy:
                self._look_at(watched)
        self._hear()
        self._go_on_rolling()

    def stop(self) -> None:
        """End all children, those first that others do not need."""
        for rank in sorted({watched.spec.stop_rank for watched in self._children.values()}):
            leaving = [w for w in self._children.values() if w.spec.stop_rank == rank]
            for watched in leaving:
                if watched.life is not None:
                    watched.life.send(watched.spec.stop_signal)
            for watched in leaving:
                self._see_out(watched)
        self._tell_change()

    def children(self) -> list[Child]:
        return [watched.child() for watched in self._children.values()]

    def _look_at(self, watched: Watched) -> None:
        if watched.due is not None:
            if self._clock.monotonic() >= watched.due:
                self._start_again(watched)
        elif watched.life is not None and watched.life.over:
            spec, life, wait_s = watched.spec, watched.life, watched.died()
            ended = life.how_it_ended()
            self._say(f"{spec.name} (pid {life.pid}) {ended}; starting it again in {wait_s:.1f} s")
            self._tell_change()
        elif not watched.ready:
            self._became_ready(watched)

    def _start_again(self, watched: Watched) -> None:
        watched.restarts += 1
        try:
            watched.launch()
        except (MinicloudError, OSError) as error:
            self._say(f"{watched.spec.name}: {error}; again in {watched.died():.1f} s")
        self._tell_change()

    def _became_ready(self, watched: Watched) -> bool:
        if watched.life is not None and not watched.ready and watched.life.is_ready():
            watched.ready = True
            self._tell_change()
        return watched.ready

    def _hear(self) -> None:
        """One request at a time; the next waits until this one is done."""
        if self._control is None or self._rolling is not None:
            return
        request = self._control.request()
        if request is None:
            return
        chosen = [self._children[name] for name in self._chosen(request.words)]
        steps = roll(chosen, self._clock, lambda text: self._told(request, text))
        self._rolling = (request, steps)

    def _chosen(self, words: dict[str, Any]) -> list[str]:
        wanted = words.get("restart") or []
        return [name for name in wanted if name in self._children]

    def _told(self, request: Request, text: str) -> None:
        self._say(text)
        request.tell(text)

    def _go_on_rolling(self) -> None:
        if self._rolling is None:
            return
        request, steps = self._rolling
        try:
            next(steps)
        except StopIteration as end:
            self._rolling = None
            self._tell_change()
            request.finish(bool(end.value))

    def _see_out(self, watched: Watched) -> None:
        if watched.life is not None:
            life, patience_s = watched.life, watched.spec.stop_patience_s
            began = self._clock.monotonic()
            while not life.over and self._clock.monotonic() - began < patience_s:
                self._clock.sleep(TICK_S / 5)
            if not life.over:
                self._say(f"{watched.spec.name} did not stop within {patience_s:.0f} s: killed")
                life.end(5.0, signal.SIGKILL)
        watched.due = None
        watched.spec.after_stop()

    def _tell_change(self) -> None:
        self._changed(self.children())
