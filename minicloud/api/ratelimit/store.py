"""Where levels are kept: what the limiter asks of it."""

from collections.abc import Sequence
from typing import Protocol

from minicloud import errors
from minicloud.api.ratelimit.levels import Charge, Outcome


class StoreDown(errors.Unavailable):
    """The levels cannot be reached just now. Why is for the log: clients need not know where."""

    text = "Whether this request is within its rate limits cannot be told just now."
    code = "RATE_LIMIT_STORE_DOWN"
    retry_after_s = 1


class StaleTable(errors.MinicloudError):
    """The limits have changed since the caller read them; nothing was decided."""

    text = "the rate limits have changed"
    code = "STALE_RATE_LIMITS"


class Store(Protocol):
    def charge(self, charges: Sequence[Charge], version: int | None) -> Outcome:
        """Count one call for all of these, or, where it does not fit one of them, for none.

        StaleTable when `version` (of the table that the limits are from; None: whichever) is
        not the one that counts; StoreDown.
        """

    def look(self, charges: Sequence[Charge]) -> Sequence[int]:
        """The debts as they are, nothing counted. StoreDown."""

    def close(self) -> None: ...
