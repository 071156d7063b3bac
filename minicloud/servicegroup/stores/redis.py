"""Members in Redis, as tooz has them: a hash for each group, and for each member a key that
ends with its time to live."""

from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tooz import ToozError, coordination, utils

from minicloud.servicegroup.entry import Entry, Reading
from minicloud.servicegroup.stores.base import IO_S, Found, Store
from minicloud.servicegroup.stores.redis_time import ServerTime

_PUT = """
local there = redis.call('HGET', KEYS[1], ARGV[1])
local beat = redis.call('GET', KEYS[2])
if (there or '') ~= ARGV[2] or (beat or '') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], '__created__', '1')
redis.call('SADD', KEYS[4], ARGV[7])
redis.call('SET', KEYS[3], ARGV[8], 'NX')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('PSETEX', KEYS[2], ARGV[6], ARGV[5])
redis.call('INCR', KEYS[5])
return 1
"""
_RENEW = """
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
"""
_REMOVE = """
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('INCR', KEYS[3])
return redis.call('DEL', KEYS[2])
"""
_CREATED = b"__created__"
_SLACK_MS = 1000


class RedisStore(Store):
    failures = (redis.RedisError,)
    shared_names = True

    def _coordinator(self, member: bytes) -> Any:
        self._listed: dict[str, tuple[tuple[Any, ...], dict[bytes, tuple[str, Entry]]]] = {}
        self._checked: dict[str, tuple[float, bool]] = {}
        self._time = ServerTime()
        made = coordination.get_coordinator(
            self.address.url,
            member,
            timeout=IO_S,
            executor="synchronous",
            socket_timeout=IO_S,
            socket_connect_timeout=IO_S,
        )
        make_client = made._make_client

        def without_patience(*arguments: Any) -> Any:
            client = make_client(*arguments)
            client.set_retry(Retry(NoBackoff(), 0))  # or each failure is slept over for seconds
            return client

        made._make_client = without_patience
        return made

    def _start(self) -> None:
        try:
            super()._start()
        except ToozError as error:
            wanted = isinstance(error.__cause__ or error.__context__, redis.AuthenticationError)
            if wanted and not urlsplit(self.address.url).password:
                raise self._cannot_start("it wants a password: redis://:password@...") from None
            raise
        made = self._client.register_script
        self._put_it, self._renew_it, self._remove_it = made(_PUT), made(_RENEW), made(_REMOVE)

    @property
    def _client(self) -> Any:
        return self.coordinator._client

    def _create(self, group: str) -> None:
        """`_put` does."""

    def _keys(self, group: str, key: str) -> list[bytes]:
        driver = self.coordinator
        return [driver._encode_group_id(group.encode()), driver._encode_beat_id(key.encode())]

    def _about(self, group: str, what: bytes) -> bytes:
        """Beside what tooz knows: a mark that a Redis which lost all has lost too, and a count
        of joins and leaves."""
        prefix: bytes = self.coordinator.namespace
        return b"%s_%s:%s" % (prefix, what, group.encode())

    def _get(self, group: str, key: str) -> Found:
        in_group, beat = self._keys(group, key)
        pipe = self._client.pipeline(transaction=False)
        pipe.hget(in_group, key)
        pipe.get(beat)
        said, lives = pipe.execute()
        alive = said is not None and lives is not None
        entry = self.said(group, key, utils.loads(said))[1] if alive else None
        return Found(entry, (said or b"", lives or b""))

    def _put(self, group: str, key: str, entry: Entry, instead_of: Found) -> bool:
        said, lives = instead_of.version
        ours, ttl_ms = utils.dumps(entry.capabilities()), _ms(self.ttl_s)
        driver, changes = self.coordinator, self._about(group, b"changes")
        keys = [*self._keys(group, key), self._about(group, b"mark"), driver._groups, changes]
        mark = token_hex(8)  # another one each time: who made it may be the first who is back
        args = [key, said, lives, ours, entry.nonce, ttl_ms, group, mark]
        return bool(self._put_it(keys=keys, args=args))

    def _renew(self, group: str, key: str, entry: Entry, found: Found, for_s: float) -> bool:
        args = [key, entry.nonce, _ms(for_s)]
        return bool(self._renew_it(keys=self._keys(group, key), args=args))

    def _remove(self, group: str, key: str, found: Found) -> None:
        keys = [*self._keys(group, key), self._about(group, b"changes")]
        self._remove_it(keys=keys, args=[key, found.version[1]])

    def _read(self, group: str) -> Reading:
        """Who there is, is asked again only when someone joined or left; who lives, always."""
        in_group, asked = self._keys(group, "")[0], self._clock.monotonic()
        pipe = self._client.pipeline(transaction=False)
        pipe.mget(self._about(group, b"mark"), self._about(group, b"changes"))
        pipe.hlen(in_group)
        pipe.time()
        (mark, changes), count, (seconds, micros) = pipe.execute()
        now = self._clock.monotonic()
        self._time.told(seconds + micros / 1e6, asked, now)
        state = (mark, changes, count)
        known = self._listed.get(group)
        if known is None or known[0] != state:
            known = self._listed[group] = (state, self._list(group, in_group))
        listed = known[1]
        beats = self._client.mget(list(listed)) if listed else []
        there = zip(listed.items(), beats, strict=True)
        alive = {key: said for (key, said), beat in there if beat is not None}
        self._drop_overdue(group, alive, now)
        return Reading(dict(alive.values()), mark and (mark, self._time.jumps))

    def _drop_overdue(self, group: str, alive: dict[bytes, tuple[str, Entry]], now: float) -> None:
        """Keys that live longer than any beat lets them are of before the server's time was set
        back, perhaps before this reader began; whoever lives has renewed his within a ttl."""
        since, done = self._checked.setdefault(group, (now, False))
        if self._time.back_at is not None and self._time.back_at > since:
            since, done = self._checked[group] = (self._time.back_at, False)
        if done or now - since < self.ttl_s:
            return
        pipe = self._client.pipeline(transaction=False)
        ours = [key for key, (_member, entry) in alive.items() if entry.nonce]
        for key in ours:
            pipe.pttl(key)
        left_ms = zip(ours, pipe.execute(), strict=True)
        overdue = [key for key, ms in left_ms if ms > _ms(self.ttl_s) + _SLACK_MS]
        for key in overdue:
            del alive[key]
        self._checked[group] = (since, not overdue)

    def _list(self, group: str, in_group: bytes) -> dict[bytes, tuple[str, Entry]]:
        """Those who joined, by the key that says whether they live."""
        return {
            self._keys(group, one.decode())[1]: self.said(group, one.decode(), utils.loads(said))
            for one, said in self._client.hgetall(in_group).items()
            if one != _CREATED
        }


def _ms(seconds: float) -> int:
    return max(round(seconds * 1000), 1)
