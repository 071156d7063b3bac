"""Decides whether a request may go on, by the limits that count now and the levels in a store."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from minicloud.api.ratelimit.levels import Charge, Standing, Verdict
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.source import Source
from minicloud.api.ratelimit.store import StaleTable, Store, StoreDown
from minicloud.api.ratelimit.table import LimitTable, Matched
from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)

_ATTEMPTS: Final = 3  # with limits that somebody changes meanwhile
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Caller:
    """Whose levels: never what a client may choose, such as a header."""

    user_id: str
    project_id: str


class Limiter:
    def __init__(self, source: Source, store: Store, clock: Clock, closed: bool = False) -> None:
        """`closed`: refuse everything (StoreDown) while the store is down, instead of nothing."""
        self._source, self._store, self._closed = source, store, closed
        self.now = clock.now

    def table(self) -> LimitTable:
        return self._source.table()

    def charge(
        self, caller: Caller, verb: str, path: str, queries: Collection[str]
    ) -> Verdict | None:
        """Count the request of someone known; None when it comes under no limit."""

        def matching(table: LimitTable) -> list[Matched]:
            limit_class = table.class_of(caller.project_id)
            return table.matching(verb, path, queries, limit_class)

        return self._charge(matching, caller, "")

    def charge_address(self, address: str, verb: str, path: str) -> Verdict | None:
        """Count the request of a peer who is not known; None when it comes under no limit."""
        return self._charge(lambda table: table.matching_address(verb, path), None, address)

    def levels_of(self, caller: Caller) -> list[Standing]:
        """How a caller stands with each limit it can come under; nothing is counted.

        Of a limit with a level for each value of a variable it is the standing of a new value.
        While the store is down all limits look unused.
        """
        table = self._source.table()
        limits = table.of_class(table.class_of(caller.project_id))
        plain = [each for each in limits if not each.use]
        charges = [Charge(_key(each, _NOTHING, caller, ""), each) for each in plain]
        try:
            debts = self._store.look(charges) if charges else ()
        except StoreDown:
            debts = ()
        known = {each.limit.name: debt for each, debt in zip(charges, debts, strict=False)}
        return [Standing(each, known.get(each.name, 0)) for each in limits]

    def close(self) -> None:
        self._store.close()

    def _charge(
        self,
        matching: Callable[[LimitTable], list[Matched]],
        caller: Caller | None,
        address: str,
    ) -> Verdict | None:
        for attempt in range(_ATTEMPTS):
            table = self._source.table()
            found = matching(table)
            if not found:
                return None
            charges = [
                Charge(_key(each, variables, caller, address), each) for each, variables in found
            ]
            last = attempt == _ATTEMPTS - 1
            try:
                outcome = self._store.charge(charges, None if last else table.version)
            except StaleTable:
                self._refresh()
                continue
            except StoreDown:
                if self._closed:
                    raise
                return None
            standings = map(Standing, (each for each, _ in found), outcome.debts)
            return Verdict(outcome.allowed, tuple(standings))
        raise AssertionError("the last attempt goes by no version")

    def _refresh(self) -> None:
        from redis.exceptions import RedisError  # without Redis nothing is ever stale

        try:
            self._source.refresh()
        except RedisError as error:
            LOG.warning("the rate limits cannot be read again: %s", error)


def _key(limit: Limit, variables: Mapping[str, str], caller: Caller | None, address: str) -> str:
    """The name of the level; JSON, so that no two callers can share one by clever names."""
    if caller is None:
        who: Iterable[str] = ("address", address)
    elif limit.per == "user":
        who = ("user", caller.project_id, caller.user_id)
    else:
        who = ("project", caller.project_id)
    return orjson.dumps((limit.name, *who, *(variables[name] for name in limit.use))).decode()
