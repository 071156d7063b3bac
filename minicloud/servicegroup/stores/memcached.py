"""Members in memcached, as tooz has them: a key for each group that lists its members, and for
each member a key that ends with its time to live.

What a member says of itself is in its own key, so that the group's stays small and a beat costs
the same however many there are. Beats are counted in it, as memcached counts in whole seconds
and readers must not: they believe no member whose count rests for a ttl.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from secrets import token_hex
from typing import Any, Final

from pymemcache import PooledClient, exceptions
from tooz import coordination, utils

from minicloud import errors
from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, Found, Store, counted

LOG = logging.getLogger(__name__)
_LONGEST_KEY: Final = 200
_MANY: Final = 1000
_TRIES: Final = 1000


@dataclass(frozen=True)
class _Heard:
    """What a member said, and when it was first heard to say just that."""

    raw: bytes
    member: str
    entry: Entry
    at: float

    def lives(self, now: float, ttl_s: float) -> bool:
        """Another program's, which counts no beats, lives as long as its key."""
        return bool(self.entry.hosts) and (not self.entry.nonce or now - self.at < ttl_s)


class MemcachedStore(Store):
    failures = (exceptions.MemcacheError,)
    shared_names = True

    def _coordinator(self, member: bytes) -> Any:
        self._heard: dict[str, dict[bytes, _Heard]] = {}
        self._lists: dict[str, tuple[bytes, list[bytes]]] = {}
        self._marks: dict[str, bytes] = {}
        return coordination.get_coordinator(
            self.address.url, member, timeout=IO_S, executor="synchronous"
        )

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
        driver = self.coordinator
        self._raw = PooledClient(
            driver.host, timeout=IO_S, connect_timeout=IO_S, tls_context=driver.ssl_context
        )
        self._client.version()  # the start alone would take whatever listens there for one
        used, *others = self._conf.memcache.servers
        if others and "[memcache]" in self.address.shown:
            LOG.warning(
                "the service group is kept in %s alone, the first of [memcache] servers; %s not"
                " used: members on different servers would not see each other",
                used,
                f"{', '.join(others)} {'is' if len(others) == 1 else 'are'}",
            )

    def _stop(self) -> None:
        super()._stop()
        self._raw.close()

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
        self._client.cas(self._own(key), {"hosts": {}}, found.version, expire=-1, noreply=False)

    def _read(self, group: str) -> Reading:
        list_key, mark_key = self._group_key(group), self._mark_key(group)
        about = self._raw.get_many([list_key, mark_key])
        mark = about.get(mark_key)
        if list_key not in about:
            if mark is not None:  # without the list the mark is worth nothing: all join again
                self._client.delete(mark_key, noreply=False)
            return Reading({}, None)
        now, known = self._clock.monotonic(), self._heard.get(group, {})
        heard = {}
        for own, raw in self._values(self._names(group, about[list_key])):
            was = known.get(own)
            same = was is not None and was.raw == raw
            heard[own] = was if was is not None and same else self._hear(group, own, raw, now)
        self._heard[group] = heard
        alive = (one for one in heard.values() if one.lives(now, self.ttl_s))
        return Reading({one.member: one.entry for one in alive}, mark)

    def _names(self, group: str, raw: bytes) -> list[bytes]:
        """The keys of those who are in the list, which is seldom another than last time."""
        known = self._lists.get(group)
        if known is None or known[0] != raw:
            listed = utils.loads(raw)
            names = [one for one in listed if isinstance(one, bytes)]
            known = self._lists[group] = (raw, [self._own(one.decode()) for one in names])
        return known[1]

    def _values(self, keys: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for first in range(0, len(keys), _MANY):
            yield from self._raw.get_many(keys[first : first + _MANY]).items()

    def _hear(self, group: str, own: bytes, raw: bytes, now: float) -> "_Heard":
        key = own[len(self.coordinator.MEMBER_PREFIX) :].decode()
        foreign = raw == self.coordinator.STILL_ALIVE
        member, entry = self.said(group, key, None if foreign else utils.loads(raw))
        return _Heard(raw, member, entry, now)

    def _write(self, key: str, entry: Entry, version: bytes | None, for_s: float) -> bool:
        value = {**entry.capabilities(), "beats": entry.beats}
        expire_s = ceil(for_s) + 1  # it ends up to a second earlier than this says
        write = self._client.add if version is None else self._client.cas
        change = (self._own(key), value) if version is None else (self._own(key), value, version)
        return bool(write(*change, expire=expire_s, noreply=False))

    def _list(self, group: str, key: str) -> None:
        """Name the member in its group; written even where it is there already, so that whoever
        removes it at this moment, as dead, finds that the list has changed."""
        for _ in range(_TRIES):
            self._client.add(self._mark_key(group), token_hex(8).encode(), noreply=False)
            self._marks[group] = self._client.get(self._mark_key(group))
            listed, version = self._client.gets(self._group_key(group))
            if not isinstance(listed, dict):
                self._create(group)
                continue
            listed[key.encode()] = {b"capabilities": None}
            if self._client.cas(self._group_key(group), listed, version, noreply=False):
                return
        raise errors.StoreDown(self.address.shown, "too many join at once")

    def _own(self, key: str) -> bytes:
        own: bytes = self.coordinator._encode_member_id(key.encode())
        return own

    def _group_key(self, group: str) -> bytes:
        key: bytes = self.coordinator._encode_group_id(group.encode())
        return key

    def _mark_key(self, group: str) -> bytes:
        return b"minicloud_mark_" + group.encode()
