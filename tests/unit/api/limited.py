"""The API with rate limits, over time that passes when the test says so."""

from typing import Any

from oslo_config import cfg

from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.limiter import Limiter
from minicloud.api.ratelimit.memory_store import MemoryStore
from minicloud.api.ratelimit.store import Store
from minicloud.api.ratelimit.table import LimitTable
from tests.hand_clock import HandClock
from tests.options import defaults


class Given:
    """A source of limits that the test sets."""

    where = "the test"

    def __init__(self, *limits: Limit, **classes: str) -> None:
        self.given = LimitTable(limits, classes)
        self.refreshed = 0

    def table(self) -> LimitTable:
        return self.given

    def refresh(self) -> None:
        self.refreshed += 1

    def change(self, *limits: Limit, **classes: str) -> None:
        self.given = LimitTable(limits, classes, self.given.version + 1)


def limit(
    name: str = "all",
    verbs: str = "",
    uri: str = "*",
    value: int = 3,
    unit_s: int = 60,
    **more: Any,
) -> Limit:
    return Limit(name, frozenset(verbs.split()), uri, value, unit_s, **more)


def limiter(
    source: Given, clock: HandClock, store: Store | None = None, closed: bool = False
) -> Limiter:
    kept = MemoryStore(clock.now_us) if store is None else store
    return Limiter(source, kept, clock, closed)


def configuration(**settings: Any) -> cfg.ConfigOpts:
    """Limits are on."""
    conf = defaults()
    for name, value in {"enabled": True, **settings}.items():
        conf.set_override(name, value, "ratelimit")
    return conf
