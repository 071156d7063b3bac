"""Members in memcached, as tooz has them: a key for each group that lists its members, and for
each member a key that ends with its time to live.

What a member says of itself is in its own key, so that the group's stays small and a beat costs
the same however many there are. Beats are counted in it, as memcached counts in whole seconds
and readers must not: they believe no member whose count rests for a ttl.
"""

import logging
from collections.abc import Iterator
from math import ceil
from secrets import token_hex
from typing import Any, Final

from pymemcache import exceptions
from tooz import coordination

from minicloud import errors
from minicloud.runtime.clock import SystemClock
from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, Found, Store, counted

LOG = logging.getLogger(__name__)
_LONGEST_KEY: Final = 200
_MANY: Final = 1000


class MemcachedStore(Store):
    failures = (exceptions.MemcacheError,)
    shared_names = True

    def _coordinator(self, member: bytes) -> Any:
        self._clock = SystemClock()
        self._heard: dict[tuple[str, str], tuple[str, int, float]] = {}
        self._marks: dict[str, bytes] = {}
        return coordination.get_coordinator(self.address.url, member, timeout=IO_S)

    @property
    def _client(self) -> Any:
        return self.coordinator.client

    def key(self, group: str, member: str) -> str:
        key = super().key(group, member).replace(" ", "%20")
        if len(key) > _LONGEST_KEY:
            raise errors.CannotStart(f"{member}: memcached takes no name as long as this")
        return key

    def _start(self) -> None:
        super()._start()
        self._client.version()  # the start alone would take whatever listens there for one
        used, *others = self._conf.memcache.servers
        if others and "[memcache]" in self.address.shown:
            LOG.warning(
                "the service group is kept in %s alone, the first of [memcache] servers; %s not"
                " used: members on different servers would not see each other",
                used,
                f"{', '.join(others)} {'is' if len(others) == 1 else 'are'}",
            )

    def _get(self, group: str, key: str) -> Found:
        said, version = self._client.gets(self._own(key))
        if not isinstance(said, dict):
            return Found(None, version)
        return Found(self.said(group, key, said)[1], version)

    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        if not self._write(key, entry, instead_of.version, self.ttl_s):
            return False
        self._list(group, key)
        return True

    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        assert found.entry is not None
        if self._client.get(self._mark_key(group)) != self._marks.get(group):
            return False
        return self._write(key, counted(found.entry), found.version, for_s)

    def _remove(self, group: str, key: str, found: Found) -> None:
        """Made to end at once, which unlike deleting does nothing to a successor's."""
        self._client.cas(self._own(key), {}, found.version, expire=-1, noreply=False)

    def _read(self, group: str) -> Reading:
        about = self._client.get_many([self._group_key(group), self._mark_key(group)])
        listed, mark = about.get(self._group_key(group)), about.get(self._mark_key(group))
        if not isinstance(listed, dict):
            if mark is not None:  # without the list the mark is worth nothing: all join again
                self._client.delete(self._mark_key(group), noreply=False)
            return Reading({}, None)
        keys = [one.decode() for one in listed if isinstance(one, bytes)]
        now, members = self._clock.monotonic(), {}
        for key, said in self._said_by(keys):
            member, entry = self.said(group, key, said)
            if self._lives(group, key, entry, now):
                members[member] = entry
        self._heard = {
            known: heard
            for known, heard in self._heard.items()
            if known[0] != group or now - heard[2] < 10 * self.ttl_s
        }
        return Reading(members, mark)

    def _said_by(self, keys: list[str]) -> Iterator[tuple[str, object]]:
        prefix = len(self.coordinator.MEMBER_PREFIX)
        for first in range(0, len(keys), _MANY):
            some = [self._own(key) for key in keys[first : first + _MANY]]
            found = self._client.get_many(some)
            for own, said in found.items():
                if said != {}:
                    yield own[prefix:].decode(), said

    def _lives(self, group: str, key: str, entry: Entry, now: float) -> bool:
        if not entry.nonce:  # another program's, which counts nothing
            return True
        heard = self._heard.get((group, key))
        if heard is None or heard[:2] != (entry.nonce, entry.beats):
            self._heard[group, key] = (entry.nonce, entry.beats, now)
            return True
        return now - heard[2] < self.ttl_s

    def _write(self, key: str, entry: Entry, version: bytes | None, for_s: float) -> bool:
        value = {**entry.capabilities(), "beats": entry.beats}
        expire_s = ceil(for_s) + 1  # it ends up to a second earlier than this says
        write = self._client.add if version is None else self._client.cas
        change = (self._own(key), value) if version is None else (self._own(key), value, version)
        return bool(write(*change, expire=expire_s, noreply=False))

    def _list(self, group: str, key: str) -> None:
        """Name the member in its group; written even where it is there already, so that whoever
        removes it at this moment, as dead, finds that the list has changed."""
        while True:
            self._client.add(self._mark_key(group), token_hex(8).encode(), noreply=False)
            self._marks[group] = self._client.get(self._mark_key(group))
            listed, version = self._client.gets(self._group_key(group))
            if not isinstance(listed, dict):
                self._create(group)
                continue
            listed[key.encode()] = {b"capabilities": None}
            if self._client.cas(self._group_key(group), listed, version, noreply=False):
                return

    def _own(self, key: str) -> bytes:
        own: bytes = self.coordinator._encode_member_id(key.encode())
        return own

    def _group_key(self, group: str) -> bytes:
        key: bytes = self.coordinator._encode_group_id(group.encode())
        return key

    def _mark_key(self, group: str) -> bytes:
        return b"minicloud_mark_" + group.encode()
