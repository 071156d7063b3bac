"""Levels that many processes share, in Redis: one atomic round trip for each request."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from minicloud.api.ratelimit.circuit import Circuit
from minicloud.api.ratelimit.levels import Charge, Outcome
from minicloud.api.ratelimit.redis_script import SCRIPT
from minicloud.api.ratelimit.store import StaleTable
from minicloud.runtime.clock import Clock

_FAILURES: Final = (RedisError, OSError)
_ANY: Final = "-"  # version; time: that of Redis
_SHA: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


def client_of(url: str, timeout_s: float) -> Redis:
    """A client which waits for nothing longer than this, and tries nothing twice.

    A call that got no answer may have been counted: repeating it could count it twice.
    """
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return Redis.from_pool(pool)


class RedisStore:
    def __init__(
        self,
        client: Redis,
        prefix: str,
        clock: Clock,
        version_key: str = "",
        pause_s: float = 1.0,
        now_us: Callable[[], int] | None = None,
    ) -> None:
        """`version_key`: the hash whose field `version` is that of the limits that count.

        `pause_s`: how long to ask nothing after a failure. `now_us`: a test's time in the place
        of Redis' own.
        """
        self._client, self._now_us = client, now_us
        # In braces: where Redis is a cluster, all keys of one request must be on one node.
        self._prefix = f"{{{prefix}}}:level:"
        self._versioned = bool(version_key)
        self._version_key = version_key or f"{{{prefix}}}:none"
        self._circuit = Circuit("the Redis of the rate limits", clock, pause_s)

    def charge(self, charges: Sequence[Charge], version: int | None) -> Outcome:
        wanted = str(version) if self._versioned and version is not None else _ANY
        verdict, *debts = self._run("charge", charges, wanted)
        if verdict < 0:
            raise StaleTable
        return Outcome(verdict == 1, debts)

    def look(self, charges: Sequence[Charge]) -> Sequence[int]:
        return self._run("look", charges, _ANY)[1:]

    def close(self) -> None:
        self._client.close()

    def _run(self, what: str, charges: Sequence[Charge], version: str) -> list[int]:
        now = self._now_us() if self._now_us is not None else _ANY
        numbers = " ".join(f"{limit.value} {limit.unit_s}" for _, limit in charges)
        words: list[Any] = [1 + len(charges), self._version_key]
        words += [self._prefix + key for key, _ in charges]
        words.append(f"{what} {version} {now} {numbers}")
        return self._circuit.call(lambda: self._evaluated(words), _FAILURES)

    def _evaluated(self, words: Sequence[Any]) -> list[int]:
        answer: list[int]
        try:
            answer = self._client.execute_command("EVALSHA", _SHA, *words)  # type: ignore[no-untyped-call]
        except NoScriptError:  # Redis is new, or was started again
            answer = self._client.execute_command("EVAL", SCRIPT, *words)  # type: ignore[no-untyped-call]
        return answer
