"""Limits in Redis: one table for all processes, replaced as a whole by whoever knew the last one.

A hash holds the table and its version, the time of the change in milliseconds. So the newest
table wins even when Redis has lost its data: whoever knows a newer one than Redis puts it back.
"""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from minicloud import errors
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable

if TYPE_CHECKING:
    from redis import Redis

LOG = logging.getLogger(__name__)

VERSION_FIELD: Final = "version"
TABLE_FIELD: Final = "table"
_BAD_TEXT: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
_NO_TABLE: Final = (errors.BadRequest, *_BAD_TEXT)

# KEYS: the hash. ARGV: the version that is replaced (0: none), the new one (0: now), the table.
_REPLACE: Final = """
local held = tonumber(redis.call('HGET', KEYS[1], 'version') or 0) or 0
if held ~= tonumber(ARGV[1]) then return 0 end
local version = tonumber(ARGV[2])
if version == 0 then
    local time = redis.call('TIME')
    version = math.max(time[1] * 1000 + math.floor(time[2] / 1000), held + 1)
end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', version), 'table', ARGV[3])
return version
"""


class ChangedMeanwhile(errors.Conflict):
    text = "somebody else changed the limits at the same time"
    code = "CHANGED_MEANWHILE"


class Unreadable(errors.MinicloudError):
    """(version, key, reason)"""

    text = (
        "version {0} of the limits in {1} cannot be read: {2}; "
        "`minicloud-manage limits load FILE` puts others in their place"
    )
    code = "UNREADABLE_LIMITS"

    @property
    def version(self) -> int:
        return int(self.args[0])


class RedisTable:
    """The table in Redis, for whoever reads or replaces it."""

    def __init__(self, client: "Redis", key: str) -> None:
        self.key = key
        self._client = client
        self._replace = client.register_script(_REPLACE)

    def version(self) -> int:
        """0: there is none."""
        return _version(self._client.hget(self.key, VERSION_FIELD))

    def read(self) -> LimitTable | None:
        """None: there is none. Unreadable when it is no table."""
        held, text = self._client.hmget(self.key, [VERSION_FIELD, TABLE_FIELD])
        version = _version(held)
        if not version:
            return None
        try:
            return loaded(text or "", version)
        except _NO_TABLE as error:
            raise Unreadable(version, self.key, error) from error

    def replace(self, old: int, table: LimitTable, version: int = 0) -> int:
        """Put it in the place of version `old` (0: none); the new version.

        ChangedMeanwhile when another is there.
        """
        now = self._replace(keys=[self.key], args=[old, version, dumped(table)])
        if not now:
            raise ChangedMeanwhile
        return int(now)


class RedisSource:
    """What this process knows of the table in Redis."""

    def __init__(self, held: RedisTable, address: str, seed: Callable[[], LimitTable]) -> None:
        """`seed` has the table for a Redis that has none, and until Redis is reached."""
        self._held, self._address = held, address
        self._lock = threading.Lock()
        self._from_redis = False
        self._table = seed()
        self.problem = ""

    @property
    def where(self) -> str:
        return f"{self._held.key} in {self._address}"

    @property
    def key(self) -> str:
        """The hash whose field `version` says whether this process knows the newest."""
        return self._held.key

    @property
    def version(self) -> int:
        return self._table.version

    def table(self) -> LimitTable:
        return self._table

    def refresh(self) -> None:
        """RedisError when Redis is away."""
        with self._lock:
            version = self._held.version()
            if version == self._table.version and self._from_redis:
                return
            if version < self._table.version and (self._from_redis or not version):
                self._put_back(version)
            else:
                self._take_over()

    def reread(self) -> None:
        """Take over what Redis has, even if its version says that it is known."""
        with self._lock:
            self._take_over()

    def _take_over(self) -> None:
        try:
            found = self._held.read()
        except Unreadable as error:
            self.problem = str(error)
            LOG.error("%s; the limits stay as they are", self.problem)
            found = replace(self._table, version=error.version)
        else:
            self.problem = ""
        if found is not None:
            if self._from_redis and found.version != self._table.version:
                LOG.info("limits of version %d count now", found.version)
            self._table, self._from_redis = found, True

    def _put_back(self, version: int) -> None:
        """Redis is new, or has lost what it had: the newest table that anyone knows goes in."""
        try:
            self._held.replace(version, self._table, self._table.version)
        except ChangedMeanwhile:
            self._take_over()
        else:
            LOG.info("put limits of version %d into Redis", self._table.version)
            self._from_redis = True


def dumped(table: LimitTable) -> str:
    """Without its version."""
    limits = [limit.record() for limit in table.limits]
    return json.dumps({"limits": limits, "classes": dict(table.classes)})


def loaded(text: str | bytes, version: int) -> LimitTable:
    values: dict[str, Any] = json.loads(text)
    limits = tuple(Limit.of(record) for record in values["limits"])
    return LimitTable(limits, values["classes"], version)


def _version(held: Any) -> int:
    try:
        return int(held or 0)
    except ValueError:
        return 0
