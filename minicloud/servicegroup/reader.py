"""Reads the groups of a store in a thread of its own, and answers from what it read."""

import logging
import threading
from dataclasses import dataclass
from typing import Final

from minicloud import errors
from minicloud.runtime.clock import Clock
from minicloud.runtime.loop import Loop
from minicloud.servicegroup.stores.base import Store
from minicloud.servicegroup.view import View

LOG = logging.getLogger(__name__)
LOOK_S: Final = 0.5
_FRESH_S: Final = 1.0
_WAIT_S: Final = 0.75  # what a question waits for an answer of the store at most
_FIRST_WAIT_S: Final = 5.0  # and the first one, when nothing is known at all


@dataclass(frozen=True)
class State:
    """`away_s`: for how long it could not be read, None while it can; `settles_s`: for how long
    nobody who is missing is believed to be gone."""

    away_s: float | None
    trouble: str
    settles_s: float


class Reader:
    """A view of each group that was asked for, read every `LOOK_S` seconds.

    Whoever asks waits only for a view that is older than a second, and then not long; and not at
    all while the store is known not to answer.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._views: dict[str, View] = {}
        self._looked = threading.Condition()
        self._began: float | None = None  # the look under way
        self._told = False
        self._trouble, self._made_at = "", clock.monotonic()
        look_s = min(LOOK_S, max(store.ttl_s / 4, 0.05))
        self._loop = Loop("service group", self.step, look_s, clock)
        self._running = False
        store.on_change = self._loop.wake

    def view(self, group: str) -> View:
        """What is believed now."""
        view = self._views.get(group)
        if view is None or not self._is_fresh(view):
            self._refresh(group)
            view = self._views[group]
        return view

    @property
    def state(self) -> State:
        """Of the store, as it was found when it was read last."""
        now = self._clock.monotonic()
        with self._looked:
            views = list(self._views.values())
            failing = [view for view in views if view.fails]
            settles_s = max((view.settles_s(now) for view in views), default=0.0)
            if not failing:
                return State(None, "", settles_s)
            read_at = max(view.read_at for view in failing)
            return State(now - max(read_at, self._made_at), self._trouble, settles_s)

    def step(self) -> None:
        """Read the store, once."""
        for group in sorted(self._views):
            self._look(group)

    def close(self) -> None:
        if self._running:
            self._loop.stop(2.0)
        self._store.close()

    def _look(self, group: str) -> None:
        self._began = began = self._clock.monotonic()
        try:
            reading = self._store.read(group)
        except Exception as error:
            with self._looked:
                self._views[group].failed(self._clock.monotonic())
                self._note(error)
        else:
            with self._looked:
                self._views[group].looked(began, reading)
                self._note(None)
        finally:
            with self._looked:
                self._began = None
                self._looked.notify_all()

    def _is_fresh(self, view: View) -> bool:
        return self._clock.monotonic() - view.tried_at <= _FRESH_S

    def _refresh(self, group: str) -> None:
        """Have it read now, and wait a little for that."""
        with self._looked:
            view = self._views.setdefault(group, View(self._store.ttl_s))
            if not self._running:
                self._running = True
                self._loop.start()
        began, patience_s = self._began, _FIRST_WAIT_S if view.is_new else _WAIT_S
        until = (self._clock.monotonic() if began is None else began) + patience_s
        self._loop.wake()
        with self._looked:
            while not self._is_fresh(view):
                left_s = until - self._clock.monotonic()
                if left_s <= 0:
                    break
                self._looked.wait(left_s)

    def _note(self, error: Exception | None) -> None:
        """Say once that the store is away, and once that it is back."""
        if error is not None and not self._told:
            known = isinstance(error, errors.StoreDown)
            LOG.warning(
                "%s; what was seen of it last stands for a while",
                error if known else f"what {self._store.address.shown} says is not understood",
                exc_info=None if known else error,
            )
        if error is None and self._told:
            LOG.warning("the service group at %s can be read again", self._store.address.shown)
        self._told = error is not None
        known = isinstance(error, errors.StoreDown)
        self._trouble = "" if error is None else str(error.args[1] if known else repr(error))
