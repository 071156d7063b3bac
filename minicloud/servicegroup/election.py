"""Who does what must be done once: each duty is held by one of those who stand for it.

Where the service group has a store, its locks elect; without one, or while the store is silent for
longer than a lock lives, the rows of `duties` do. Either way the token comes from the row and is
checked where the duty writes (`db/duties.py: check`): two may both believe, only one can write.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.orm import Session

from minicloud.db import duties
from minicloud.db.engine import Database
from minicloud.db.models import Duty

LOG = logging.getLogger(__name__)
_RENEWED: Final = 1 / 3  # of the ttl: how old what the database granted becomes at most
_LOOKS: Final = 4  # in a ttl, at least
_LOOK_S: Final = 0.5  # between two looks, at most: what is given up is not free for long


def look_interval_s(ttl_s: float) -> float:
    """How often `keep` is to be called, and a store is to be asked."""
    return min(_LOOK_S, ttl_s / _LOOKS)


class Election(Protocol):
    def take(self, name: str) -> int | None:
        """The token of a duty, if it is ours just now. Never blocks.

        To ask is to stand for it, and is the sign that the work goes on: who does not ask for a
        ttl is not elected, and loses what it has.
        """

    def keep(self) -> None:
        """Take what is free and renew what is held; called by a loop, several times in a ttl."""

    def yield_(self, name: str) -> None:
        """Give a duty up; another, or we again, may take it at once."""

    def close(self) -> None:
        """Give up everything, for good."""


class Locks(Protocol):
    """What an election needs of a store: locks that end with their holder."""

    def want(self, names: Collection[str]) -> None:
        """Try to get these, and let go of all others; to be said again within a ttl."""

    def confirmed_at(self, name: str) -> float | None:
        """When the lock was last known to be ours (monotonic seconds); None: it is not."""

    def drop(self, name: str) -> None:
        """Somebody else is known to have it: begin anew with this one."""

    def heard_at(self) -> float:
        """When the store last answered (monotonic seconds), or when it was first asked."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class _Term:
    """That we are elected, and for how long: in the row, and in monotonic seconds of our own."""

    until: datetime | None
    good_until: float


@dataclass(frozen=True)
class _Held:
    token: int
    good_until: float


@dataclass
class _Changes:
    """What is to be written of whose turn it is."""

    leave: dict[str, int] = field(default_factory=dict)  # tokens
    keep: dict[str, tuple[int, _Term]] = field(default_factory=dict)
    take: dict[str, _Term] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.leave or self.keep or self.take)

    def write(self, db: Session, holder: str, now: datetime) -> dict[str, _Held]:
        """What is held by it."""
        held = {}
        for name, old in sorted(self.leave.items()):
            duties.give_up(db, name, old)
        for name, (old, term) in sorted(self.keep.items()):
            if duties.keep(db, name, old, term.until):
                held[name] = _Held(old, term.good_until)
        for name, term in sorted(self.take.items()):
            new = duties.take(db, name, holder, now, term.until)
            if new is not None:
                held[name] = _Held(new, term.good_until)
        return held


class DutyElection:
    """`names`: what it stands for from the beginning, until the work asks by itself."""

    def __init__(
        self,
        database: Database,
        holder: str,
        ttl_s: float,
        locks: Locks | None = None,
        names: Collection[str] = (),
    ) -> None:
        self._database, self._holder, self._ttl_s, self._locks = database, holder, ttl_s, locks
        self._asked = dict.fromkeys(names, database.monotonic())
        self._yielded: set[str] = set()
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()  # of the three above
        self._keeping = threading.Lock()  # one at a time
        self._closed = self._store_is_silent = False

    def take(self, name: str) -> int | None:
        moment = self._database.monotonic()
        with self._lock:
            self._asked[name] = moment
            held = self._held.get(name)
            return held.token if held is not None and moment < held.good_until else None

    def yield_(self, name: str) -> None:
        with self._lock:
            self._yielded.add(name)

    def close(self) -> None:
        with self._keeping:
            self._closed = True
            with self._lock:
                held, self._held = self._held, {}
            if self._locks is not None:
                self._locks.close()
            if held:
                over = _Changes(leave={name: held[name].token for name in held})
                now = self._database.now()
                self._database.write(lambda db: over.write(db, self._holder, now), "duties.close")

    def keep(self) -> None:
        with self._keeping:
            if not self._closed:
                self._keep()

    def _keep(self) -> None:
        moment = self._database.monotonic()
        with self._lock:
            standing = {n for n, at in self._asked.items() if moment - at < self._ttl_s}
            standing -= self._yielded
            self._yielded.clear()
            held = dict(self._held)
        if self._locks is not None:
            self._locks.want(standing)
            self._hear(moment - self._locks.heard_at() >= self._ttl_s)
        if not standing and not held:
            return
        rows = {row.name: row for row in self._database.read(duties.all_of)}
        now = self._database.now()
        held = {name: one for name, one in held.items() if self._is_last(name, one, rows)}
        terms = {name: self._term(name, moment, now) for name in standing}
        elected = {name: term for name, term in terms.items() if term is not None}
        changes = self._changes(held, elected, rows, now)
        kept = self._renewed_by_the_store(held, elected)
        kept.update({n: o for n, o in held.items() if n not in changes.leave and n not in kept})
        if changes:
            written = self._database.write(
                lambda db: changes.write(db, self._holder, now), "duties.keep"
            )
            kept = {n: o for n, o in kept.items() if n not in changes.keep} | written
            for name in sorted(written.keys() & changes.take):
                LOG.info("%s: is done here from now on (token %d)", name, written[name].token)
        with self._lock:
            self._held = kept

    def _hear(self, silent: bool) -> None:
        """Say once who elects when that changes."""
        if silent and not self._store_is_silent:
            LOG.warning("the store of the service group is silent; the database elects meanwhile")
        elif self._store_is_silent and not silent:
            LOG.warning("the store of the service group answers, and elects again")
        self._store_is_silent = silent

    def _is_last(self, name: str, held: _Held, rows: Mapping[str, Duty]) -> bool:
        """Whether nobody has taken it over; a lock that says otherwise is worth nothing."""
        row = rows.get(name)
        if row is not None and row.token == held.token:
            return True
        LOG.warning("%s: %s has it now", name, row.holder if row is not None else "nobody")
        if self._locks is not None:
            self._locks.drop(name)
        return False

    def _term(self, name: str, moment: float, now: datetime) -> _Term | None:
        if self._locks is None or self._store_is_silent:
            return _Term(now + timedelta(seconds=self._ttl_s), moment + self._ttl_s)
        at = self._locks.confirmed_at(name)
        return None if at is None else _Term(None, at + self._ttl_s)

    def _changes(
        self,
        held: Mapping[str, _Held],
        elected: Mapping[str, _Term],
        rows: Mapping[str, Duty],
        now: datetime,
    ) -> _Changes:
        changes = _Changes()
        for name, one in held.items():
            if name not in elected:
                changes.leave[name] = one.token
            elif self._is_old(rows[name].until, elected[name].until):
                changes.keep[name] = one.token, elected[name]
        for name in elected.keys() - held.keys():
            row = rows.get(name)
            if row is None or row.until is None or row.until <= now:
                changes.take[name] = elected[name]
        return changes

    def _is_old(self, until: datetime | None, new: datetime | None) -> bool:
        if until is None or new is None:
            return until is not new
        return new - until > timedelta(seconds=self._ttl_s * _RENEWED)

    def _renewed_by_the_store(
        self, held: Mapping[str, _Held], elected: Mapping[str, _Term]
    ) -> dict[str, _Held]:
        """What needs no write to be ours for longer."""
        return {
            name: _Held(one.token, elected[name].good_until)
            for name, one in held.items()
            if name in elected and elected[name].until is None
        }
