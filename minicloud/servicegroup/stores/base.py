"""What every store of memberships does; the kinds differ in how they read and write one."""

import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, unquote

from oslo_config import cfg
from tooz import ToozError, coordination

from minicloud import errors
from minicloud.runtime.clock import Clock
from minicloud.runtime.within import OneAtATime
from minicloud.servicegroup.address import Address
from minicloud.servicegroup.base import COMPUTE
from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.words import why

LOG = logging.getLogger(__name__)
IO_S: Final = 2  # for one answer of the store
START_S: Final = 10.0
_TRIES: Final = 50


@dataclass(frozen=True)
class Found:
    """What is there under a name: None where nothing lives; `version` to replace just that."""

    entry: Entry | None
    version: Any


class Store(ABC):
    """A connection, used by one thread at a time.

    Whatever goes wrong is a StoreDown, and comes within seconds.
    """

    failures: tuple[type[BaseException], ...] = ()  # besides tooz's own and those of the system

    def __init__(self, address: Address, ttl_s: float, conf: cfg.ConfigOpts, clock: Clock) -> None:
        self.address, self.ttl_s = address, ttl_s
        self.coordinator: Any = None
        self.retry_s = 1.0
        self.on_change: Callable[[], None] | None = None  # told at once, where a store does that
        self._conf, self._clock = conf, clock
        self._groups: set[str] = set()

    # What leases and readers use.

    def connect(self) -> None:
        """CannotStart, telling where it looked, unless the store answers soon."""
        try:
            self.coordinator = self._coordinator(f"minicloud-{secrets.token_hex(8)}".encode())
            OneAtATime[None]().run(self._start, START_S)
        except errors.CannotStart:
            raise
        except TimeoutError:
            raise self._cannot_start(f"no answer within {START_S:.0f} s") from None
        except Exception as error:
            raise self._cannot_start(why(error)) from None

    def claim(self, group: str, member: str, entry: Entry, anew: bool = True) -> Entry | None:
        """Put it there; what is there instead, and stays, if its epoch is a later one.

        The same epoch stays as well unless this is `anew`: a program that starts, and not one
        that was away.
        """
        with self._reached():
            self._make_group(group)
            key = self.key(group, member)
            for _ in range(_TRIES):
                found = self._get(group, key)
                if found.entry is not None and _stays(found.entry, entry, anew):
                    return found.entry
                if self._put(group, key, entry, found):
                    return None
        raise errors.StoreDown(self.address.shown, "others write there all the time")

    def refresh(self, group: str, member: str, entry: Entry, for_s: float) -> Entry | None:
        """Make it last so long from now; what is there (None: nothing) if it is another."""
        with self._reached():
            key = self.key(group, member)
            found = self._get(group, key)
            if found.entry is None:
                self._groups.discard(group)  # it may have gone as well
            if found.entry is None or found.entry.nonce != entry.nonce:
                return found.entry
            return entry if self._renew(group, key, entry, found, for_s) else None

    def withdraw(self, group: str, member: str, entry: Entry) -> None:
        """Take it away, unless it is another's by now."""
        with self._reached():
            key = self.key(group, member)
            found = self._get(group, key)
            if found.entry is not None and found.entry.nonce == entry.nonce:
                self._remove(group, key, found)

    def read(self, group: str) -> Reading:
        with self._reached():
            return self._read(group)

    def close(self) -> None:
        """Let go of it; what does not end soon is left behind."""
        if self.coordinator is not None:
            try:
                OneAtATime[None]().run(self._stop, float(IO_S))
            except Exception as error:
                LOG.debug("%s: %s", self.address.shown, why(error))

    # What the kinds say.

    @abstractmethod
    def _coordinator(self, member: bytes) -> Any:
        """tooz's coordinator of the address, not started."""

    @abstractmethod
    def _get(self, group: str, key: str) -> Found: ...

    @abstractmethod
    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        """False where something else is there by now."""

    @abstractmethod
    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        """False where it is no longer there."""

    @abstractmethod
    def _remove(self, group: str, key: str, found: Found) -> None: ...

    @abstractmethod
    def _read(self, group: str) -> Reading: ...

    def _start(self) -> None:
        self.coordinator.start()

    def _stop(self) -> None:
        self.coordinator.stop()

    shared_names = False  # whether a name lives or not is one key for all groups

    def key(self, group: str, member: str) -> str:
        """The member's name for tooz, which takes ASCII without slashes."""
        name = quote(member, safe=" @:+=,()!*'[]")
        return f"{group}/{name}" if self.shared_names and group != COMPUTE else name

    def member(self, group: str, key: str) -> str:
        return unquote(key.removeprefix(f"{group}/"))

    def said(self, group: str, key: str, capabilities: object) -> tuple[str, Entry]:
        """Member and entry of what the store has."""
        member = self.member(group, key)
        return member, Entry.said_by(member, capabilities)

    def _make_group(self, group: str) -> None:
        if group not in self._groups:
            self._create(group)
            self._groups.add(group)

    def _create(self, group: str) -> None:
        with suppress(coordination.GroupAlreadyExist):  # someone else's, at the same moment
            self.coordinator.create_group(group.encode()).get(timeout=IO_S)

    def _cannot_start(self, why: str) -> errors.CannotStart:
        return errors.StoreNotThere(self.address.shown, why)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (ToozError, OSError, TimeoutError, *self.failures) as error:
            self._groups.clear()
            raise errors.StoreDown(self.address.shown, why(error)) from None


def _stays(there: Entry, new: Entry, anew: bool) -> bool:
    if there.nonce == new.nonce:
        return False
    return there.outranks(new) or (not anew and there.equals(new))


def counted(entry: Entry) -> Entry:
    return replace(entry, beats=entry.beats + 1)
