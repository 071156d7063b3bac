"""Locks of the service group's store, each held by one program: what elects who does a duty.

What a lock lives by differs. Those of Redis, memcached and etcd expire unless they are renewed;
ZooKeeper's live as long as the session, which the library keeps up by itself: what is no longer
wanted is therefore given back here. What the store says of a lock is believed for a ttl at most.
"""

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from minicloud.runtime.clock import Clock
from minicloud.runtime.within import OneAtATime
from minicloud.servicegroup.words import why

if TYPE_CHECKING:
    from minicloud.servicegroup.stores.base import Store

LOG = logging.getLogger(__name__)
_PREFIX: Final = "minicloud-duty-"
_CLOSING_S: Final = 3.0


class StoreLocks:
    """`look` does all that is said to the store, in the thread of a loop: it may block while the
    store is away, and nothing else here does."""

    def __init__(self, connect: "Callable[[], Store]", ttl_s: float, clock: Clock) -> None:
        self._connect, self._ttl_s, self._clock = connect, ttl_s, clock
        self._wanted: frozenset[str] = frozenset()
        self._wanted_at = clock.monotonic()
        self._dropped: set[str] = set()
        self._confirmed: dict[str, float] = {}
        self._heard_at = clock.monotonic()
        self._lock = threading.Lock()  # of all above
        self._store: Store | None = None
        self._held: dict[str, Any] = {}  # by name; tooz's own locks
        self._looking = threading.Lock()
        self._silent = self._closed = False

    def want(self, names: Collection[str]) -> None:
        """Try to get these, and let go of all others; holds for a ttl."""
        with self._lock:
            self._wanted, self._wanted_at = frozenset(names), self._clock.monotonic()

    def confirmed_at(self, name: str) -> float | None:
        with self._lock:
            at = self._confirmed.get(name)
            return at if at is not None and self._clock.monotonic() - at < self._ttl_s else None

    def drop(self, name: str) -> None:
        with self._lock:
            self._confirmed.pop(name, None)
            self._dropped.add(name)

    def heard_at(self) -> float:
        with self._lock:
            return self._heard_at

    def look(self) -> None:
        """Renew what is ours, try for what else is wanted, give back what is not."""
        with self._looking:
            if self._closed:
                return
            try:
                self._look()
            except Exception as error:  # each of the libraries has its own
                self._miss(error)

    def close(self) -> None:
        """Give all back; what a silent store does not hear of ends by itself."""
        self._closed = True
        with suppress(Exception):
            OneAtATime[None]().run(self._give_all_back, _CLOSING_S)

    def _give_all_back(self) -> None:
        if self._looking.acquire(timeout=_CLOSING_S / 2):
            try:
                for name in list(self._held):
                    self._give_back(name)
                with self._lock:
                    self._confirmed.clear()
            finally:
                self._looking.release()
        self._disconnect()

    def _look(self) -> None:
        if self._store is None:
            self._store = self._connect()
            # Theirs is in whole seconds; ZooKeeper has none, its locks end with the session.
            self._store.coordinator.lock_timeout = max(int(self._ttl_s), 1)
        wanted = self._taken_wishes()
        for name in [name for name in self._held if name not in wanted]:
            self._give_back(name)
        for name in sorted(wanted):
            began = self._clock.monotonic()
            if name in self._held and not _is_ours(self._held[name]):
                LOG.warning("%s: the lock in the store was lost", name)
                self._give_back(name)
            elif name in self._held or self._is_had(name):
                with self._lock:
                    self._confirmed[name] = began
        self._heard()

    def _taken_wishes(self) -> set[str]:
        """What is wanted; nothing once nobody has said so for a ttl."""
        with self._lock:
            late = self._clock.monotonic() - self._wanted_at >= self._ttl_s
            wanted = set() if late else self._wanted - self._dropped
            self._dropped.clear()
            return set(wanted)

    def _is_had(self, name: str) -> bool:
        assert self._store is not None
        lock = self._store.coordinator.get_lock((_PREFIX + name).encode())
        if not lock.acquire(blocking=False):
            return False
        self._held[name] = lock
        return True

    def _give_back(self, name: str) -> None:
        with self._lock:
            self._confirmed.pop(name, None)
        self._held[name].release()
        del self._held[name]

    def _heard(self) -> None:
        with self._lock:
            self._heard_at = self._clock.monotonic()
        if self._silent:
            LOG.info("the store that elects answers again")
        self._silent = False

    def _miss(self, error: Exception) -> None:
        """The store did not answer: begin anew with it. What it said before stands for a ttl.

        Nothing that was asked of the old connection may happen later: a place in ZooKeeper's
        queue for a lock that nobody remembers would keep it from all others.
        """
        if not self._silent:
            LOG.warning("the store that elects does not answer: %s", why(error))
        self._silent = True
        self._disconnect()

    def _disconnect(self) -> None:
        self._held.clear()
        store, self._store = self._store, None
        if store is not None:
            with suppress(Exception):
                store.close()


def _is_ours(lock: Any) -> bool:
    """Whether the store still says so; renews it where it would expire.

    etcd's does not tell: who has it in truth is seen by the token then.
    """
    from tooz import NotImplemented as NotThere

    with suppress(NotThere):
        if not lock.is_still_owner():
            return False
    beat = getattr(lock, "heartbeat", None)
    return beat is None or bool(beat())
