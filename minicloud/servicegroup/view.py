"""What a reader believes of a group, from what it has seen of the store.

A store that was away, started again or emptied tells nothing of those who are missing until they
have had time to come back: their absence is believed only after it could be read for a whole ttl
without a break. While it cannot be read at all, what was seen last stands, for a while.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

from minicloud.servicegroup.entry import Entry, Reading

BLIND_TTLS: Final = 5
LATELY_TTLS: Final = 3
_PAUSE_S: Final = 2.0  # of this program; the others may have had it as well


class View:
    """Of one group; not guarded against threads. Moments are of a monotonic clock."""

    def __init__(self, ttl_s: float) -> None:
        self._ttl_s = ttl_s
        self._here: Mapping[str, int] = {}  # host -> epoch, as read last
        self._missing: dict[str, float] = {}  # host -> when it was last there; believed alive
        self._gone: dict[str, float] = {}  # host -> when it was last there; believed not
        self._members: Mapping[str, Entry] | None = None
        self._mark: object = None
        self._first: float | None = None
        self._since = -inf  # the store could be read without a break
        self.alive: frozenset[str] = frozenset()
        self.read_at = -inf  # when the store was read last
        self.tried_at = -inf  # when that was tried last
        self.fails = False

    @property
    def is_new(self) -> bool:
        """Whether the store was not even tried yet."""
        return self.tried_at == -inf

    def looked(self, now: float, reading: Reading) -> None:
        """The store was read, and the reading began at `now`."""
        lost = self._mark is not None and reading.mark != self._mark
        silent = self._first is not None and now - self.read_at > max(self._ttl_s, _PAUSE_S)
        if self.fails or lost or silent:
            self._since = now
        self._first = now if self._first is None else self._first
        self._mark, self.fails = reading.mark, False
        if reading.members is not self._members and reading.members != self._members:
            self._members = reading.members
            self._replace(_epochs(reading.members))
        if self._missing and now - self._since >= self._ttl_s:
            self._gone.update(self._missing)
            self._missing = {}
            self._settle()
        self.read_at = self.tried_at = now

    def failed(self, now: float) -> None:
        """The store could not be read."""
        self.fails, self.tried_at = True, now
        if now - self.read_at >= BLIND_TTLS * self._ttl_s and self.alive:
            self._gone.update(self._missing)
            self._gone.update(dict.fromkeys(self._here, self.read_at))
            self._here, self._missing, self._members = {}, {}, None
            self._settle()

    def last_seen(self, host: str) -> float | None:
        """When the host was last there, as far as this reader knows."""
        if host in self._here:
            return self.read_at
        return self._missing.get(host, self._gone.get(host))

    def settles_s(self, now: float) -> float:
        """For how long the absence of members is not believed yet."""
        return 0.0 if self.fails else max(self._ttl_s - (now - self._since), 0.0)

    def may_return(self, host: str, now: float) -> bool:
        """Whether a host that is not there may be back in a moment."""
        if self._first is None or now - self._first < self._ttl_s:
            return True  # whoever was away when this reader began is on its way
        if self.fails or now - self._since < self._ttl_s:
            return True
        gone = self._gone.get(host)
        return gone is not None and now - gone < LATELY_TTLS * self._ttl_s

    def _replace(self, here: Mapping[str, int]) -> None:
        for host in self._here.keys() - here.keys():
            self._missing[host] = self.read_at
        for known in (self._missing, self._gone):
            for host in known.keys() & here.keys():
                del known[host]
        self._here = here
        self._settle()

    def _settle(self) -> None:
        self.alive = frozenset((*self._here, *self._missing))


def _epochs(members: Mapping[str, Entry]) -> dict[str, int]:
    hosts: dict[str, int] = {}
    for entry in members.values():
        for host, epoch in entry.hosts.items():
            hosts[host] = max(epoch, hosts.get(host, epoch))
    return hosts
