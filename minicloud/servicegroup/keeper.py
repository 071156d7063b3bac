"""Keeps a lease: a thread that does what the store wants, so that no work waits for it."""

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from secrets import token_hex

from minicloud import errors
from minicloud.runtime.clock import Clock
from minicloud.runtime.loop import Loop
from minicloud.servicegroup.entry import Entry
from minicloud.servicegroup.stores.base import Store

LOG = logging.getLogger(__name__)
_LONGEST_S = 15.0  # for join and leave to get their turn


class Keeper:
    """A Lease in a store.

    `renew` notes that the work goes on; a step of the loop tells the store, not more often than
    every `period_s`, and never what `renew` did not say: the store's own time runs from there.
    """

    def __init__(self, store: Store, name: str, owner: str, period_s: float, clock: Clock) -> None:
        self._store, self._name, self._owner, self._clock = store, name, owner, clock
        self._ttl_s, self._period_s = store.ttl_s, min(period_s, store.ttl_s / 3)
        self._nonce = token_hex(8)
        self._group, self._member = "", ""
        self._entry: Entry | None = None  # what should be there
        self._anew = False  # it was not there yet
        self._held = False
        self._going: dict[tuple[str, str], Entry] = {}  # what should not be there any more
        self._lost_to: str | None = None
        self._renewed = self._told = self._beaten = self._tried = clock.monotonic()
        self._failing = False
        self._io = threading.Lock()
        self._started = False
        look_s = min(self._period_s, self._ttl_s / 8, 0.5)
        self.loop = Loop(f"lease of {name}", self.step, look_s, clock)

    def join(self, members: Mapping[str, int], group: str) -> None:
        """StoreDown where the store cannot be reached: it is joined then as soon as it can be."""
        entry = Entry(dict(members), self._owner, self._nonce)
        member = _place(self._name, members)
        with self._turn():
            if self._entry is not None and self._lost_to is None:
                self._going[self._group, self._member] = self._entry  # once the new one is there
            self._going.pop((group, member), None)
            self._entry, self._group, self._member = entry, group, member
            self._anew, self._held, self._lost_to = True, False, None
            self._renewed = self._clock.monotonic()
            self._start()
            try:
                taken = self._claim()
                self._go()
            except errors.StoreDown as error:
                self._failed(error)
                raise
            if taken is not None:
                self._entry = None
                raise errors.NameTaken(member, taken.owner or "another program")

    def renew(self) -> None:
        self._renewed = now = self._clock.monotonic()
        if self._started and (not self._held or now - self._beaten >= self._period_s):
            self.loop.wake()

    def leave(self) -> None:
        """StoreDown where the store cannot be reached: it is left then as soon as it can be."""
        with self._turn():
            entry, self._entry = self._entry, None
            if entry is not None and self._lost_to is None:
                self._withdraw(entry)

    @property
    def lost_to(self) -> str | None:
        return self._lost_to

    @property
    def held(self) -> bool:
        """Whether the store had it at the last beat."""
        return self._held

    def close(self) -> None:
        with suppress(errors.StoreDown):
            self.leave()
        if self._started:
            self.loop.stop(2.0)
        self._store.close()

    def step(self) -> None:
        """Tell the store what is due."""
        with self._io:
            try:
                self._go()
                if self._entry is not None and self._lost_to is None:
                    self._keep(self._clock.monotonic(), self._entry)
            except errors.StoreDown as error:
                self._failed(error)

    def _keep(self, now: float, entry: Entry) -> None:
        if now - self._renewed >= self._ttl_s:
            if self._held:
                LOG.warning("%s: no sign of work for %s s: left", self._member, self._ttl_s)
                self._withdraw(entry)
        elif not self._held:
            if not self._failing or now - self._tried >= self._store.retry_s:
                self._tried = now
                self._lose(self._claim())
        elif self._renewed > self._told and now - self._beaten >= self._period_s:
            self._beat(now, entry)

    def _beat(self, now: float, entry: Entry) -> None:
        renewed = self._renewed
        left_s = self._ttl_s - (now - renewed)
        there = self._store.refresh(self._group, self._member, entry, left_s)
        if there is not None and there.nonce == entry.nonce:
            self._done(renewed)
        elif there is None or entry.outranks(there):
            LOG.warning("%s: the service group has lost it; joining again", self._member)
            self._held = False
            self._lose(self._claim())
        else:
            self._lose(there)

    def _claim(self) -> Entry | None:
        renewed = self._renewed
        taken = self._store.claim(self._group, self._member, self._wanted(), self._anew)
        if taken is None:
            self._held, self._anew = True, False
            self._done(renewed)
        return taken

    def _done(self, renewed: float) -> None:
        self._told, self._beaten = renewed, self._clock.monotonic()
        if self._failing:
            LOG.warning("%s: the service group can be reached again", self._member)
        self._failing = False

    def _failed(self, error: errors.StoreDown) -> None:
        if not self._failing:
            LOG.warning("%s: %s; going on trying", self._member, error)
        self._failing = True
        self._tried = self._clock.monotonic()

    def _lose(self, other: Entry | None) -> None:
        if other is not None:
            self._held, self._lost_to = False, other.owner or "another program"
            LOG.error("%s: the name is taken by %s", self._member, self._lost_to)

    def _withdraw(self, entry: Entry) -> None:
        """Take it away, now or when the store can be reached: it must not stay because a library
        keeps the connection up."""
        self._held = False
        self._going[self._group, self._member] = entry
        self._go()

    def _go(self) -> None:
        for (group, member), entry in list(self._going.items()):
            self._store.withdraw(group, member, entry)
            del self._going[group, member]

    def _wanted(self) -> Entry:
        assert self._entry is not None
        return self._entry

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self.loop.start()

    def _turn(self) -> "_Turn":
        return _Turn(self._io, self._store)


def _place(name: str, members: Mapping[str, int]) -> str:
    """A host by its name; several as their agent and the first of them.

    Hosts are enlisted by one agent each, so no other has this place: agents may be called alike,
    or as somebody else's host is.
    """
    first = min(members)
    return first if len(members) == 1 else f"{name}:{first}+"


class _Turn:
    """The store is used by one thread at a time; whoever waits does so for a bounded time."""

    def __init__(self, lock: threading.Lock, store: Store) -> None:
        self._lock, self._store = lock, store

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_LONGEST_S):
            raise errors.StoreDown(self._store.address.shown, "it is busy")

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
