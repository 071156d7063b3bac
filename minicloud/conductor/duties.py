"""What one conductor does for all, and which of them it is; see servicegroup/election.py."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from minicloud.db.engine import Database
from minicloud.errors import DutyLost
from minicloud.servicegroup.election import Election

LOG = logging.getLogger(__name__)
T = TypeVar("T")

DEAD_HOSTS: Final = "dead-hosts"
AUDIT: Final = "audit"
RECLAIM: Final = "reclaim"
WHAT: Final[Mapping[str, str]] = {
    DEAD_HOSTS: "give up what only dead hosts could finish, at each sweep",
    AUDIT: "recount the claims on hosts, tell of rows that do not fit",
    RECLAIM: "forget tokens, console tokens and idempotency keys that expired",
}
_SLICES: Final = 10  # of one duty, before the others have their turn


@dataclass(frozen=True)
class Duty:
    """`work` is called with the token every so often, and again at once while it says that there
    is more. Each write of it begins with `db/duties.py: check`; it is short, or asks in between.
    """

    name: str
    period_s: float
    work: Callable[[int], bool]


class Duties:
    """Those that have a time of their own; `step` is called by a loop, once a second or so."""

    def __init__(self, database: Database, election: Election, duties: Sequence[Duty]) -> None:
        self._database, self._election, self._duties = database, election, duties
        self._next = {duty.name: database.monotonic() for duty in duties}

    def step(self) -> None:
        for duty in self._duties:
            if self._database.monotonic() < self._next[duty.name]:
                self._election.take(duty.name)  # who does not ask is not elected
                continue
            try:
                more = self._do(duty)
            except Exception:
                LOG.exception("%s: failed; again later", duty.name)
                more = False
            if more is not None:
                wait_s = 0.0 if more else duty.period_s
                self._next[duty.name] = self._database.monotonic() + wait_s

    def _do(self, duty: Duty) -> bool | None:
        """Whether there is more to do; None: it is not our turn."""
        more: bool | None = True
        slices = 0
        while more and slices < _SLICES:
            more = on_duty(self._election, duty.name, duty.work)
            slices += 1
        return more


def on_duty(election: Election, name: str, work: Callable[[int], T]) -> T | None:
    """Do it if it is ours; None if it is not, or turns out to have passed to another."""
    token = election.take(name)
    if token is None:
        return None
    try:
        return work(token)
    except DutyLost as error:
        LOG.warning("%s: nothing of it was written", error)
        election.yield_(name)
        return None
