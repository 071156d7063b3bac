"""Who was heard of is noted in memory, and written for all together: a statement a period.

The time that is written is the database's, of the moment when the member was heard, give or take a
grain towards the past: nobody looks younger for a statement that was late. Who was written less
than half an interval ago can wait.

What is noted and not written when the program dies is lost. Then the member is heard again an
interval later, by another conductor, which writes it two periods after that at the latest. So
between two moments that are written lie two intervals at most, and a reader finds none that is
older than 2 intervals + 2 periods + 1 grain. That is less than 2.5 intervals (`flush_interval_s`),
and the down time is never less than those.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from math import inf
from typing import Final

from oslo_config import cfg

from minicloud.conf.servicegroup import flush_interval_s
from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.servicegroup.drivers.silence import SKEW, Silence

LOG = logging.getLogger(__name__)
_MOST: Final = 40_000  # rows of one statement: its ids, twice as text, are less than 1 MB
_GRAINS: Final = 4  # of a period: hearings that are no further apart are written as one
_JITTER_S: Final = 0.001
_Key = tuple[str, str]  # group, member


class Renewals:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._database = database
        self._interval = timedelta(seconds=conf.servicegroup.report_interval_s)
        self._silence = Silence.of(conf)
        self._down_time = self._silence.down_time
        self._period_s = flush_interval_s(conf)
        self._grain = timedelta(seconds=self._period_s / _GRAINS)
        self._joined: set[_Key] = set()
        self._noted: dict[_Key, datetime] = {}  # when they were heard; not written yet
        self._written: dict[_Key, datetime] = {}
        self._ids: dict[str, dict[str, int]] = {}  # group -> member -> id of its row
        self._lock = threading.Lock()  # of the above; never held while the database is asked
        self._writing = threading.Lock()
        self._write_at = database.monotonic()
        self._wrote_at = -inf  # monotonic: when the last statement began; it may have hung

    def join(self, member: str, group: str) -> None:
        with self._lock:
            self._joined.add((group, member))
        self._make(group, [member], self._database.now())

    def leave(self, member: str, group: str) -> None:
        """What is noted of others is written as well: a program that leaves is about to end."""
        with self._writing:  # no statement under way brings it back
            with self._lock:
                self._joined.discard((group, member))
                self._noted.pop((group, member), None)
                last = self._written.pop((group, member), None)
            if last is not None:
                self._database.write(
                    lambda db: services.left(db, group, member, last), "servicegroup.leave"
                )
            self._flush(everything=True)

    def close(self) -> None:
        with self._lock:
            joined = sorted(self._joined)
        for group, member in joined:
            self.leave(member, group)
        with self._writing:
            self._flush(everything=True)

    def beat(self, *, reached: bool) -> None:
        """Write what was noted, once a period. What joined here was heard of when `reached`."""
        if reached:
            now = self._database.now()
            with self._lock:
                joined = sorted(self._joined)
            for group in sorted({group for group, _member in joined}):
                self._note(group, [member for g, member in joined if g == group], now)
        self._flush_unless_busy()

    def renew(self, members: Collection[str], group: str) -> None:
        """Who may be down for all that is known here is written at once, once a period."""
        now = self._database.now()
        self._note(group, sorted(members), now)
        with self._lock:
            waits = any(self._is_older((group, m), now, self._down_time) for m in members)
        if waits:
            self._flush_unless_busy()

    def _flush_unless_busy(self) -> None:
        """Once a period. Where a statement is under way, this waits for the next beat."""
        if self._may_write and self._writing.acquire(blocking=False):
            try:
                self._flush()
            finally:
                self._writing.release()

    def _note(self, group: str, members: Collection[str], now: datetime) -> None:
        """Who was never heard of is written at once: a program begins, and waits for it."""
        new = self._unheard(group, members)
        if new:
            self._make(group, new, now)
        with self._lock:
            self._noted.update({(group, m): now for m in set(members).difference(new)})

    def _unheard(self, group: str, members: Collection[str]) -> list[str]:
        """Those that have no row yet, or one without a time."""
        with self._lock:
            known = self._ids.get(group)
            missing = [m for m in members if known is None or m not in known]
        if not missing:
            return []
        asked = None if known is None else missing  # at first all of the group
        found = self._database.read(lambda db: services.places(db, group, asked))
        with self._lock:
            self._learn(group, found)
        return [m for m in missing if m not in found or found[m].last_seen_up is None]

    def _learn(self, group: str, found: Mapping[str, services.Place]) -> None:
        """The caller holds the lock."""
        self._ids.setdefault(group, {}).update({m: one.id for m, one in found.items()})
        for member, one in found.items():
            if one.last_seen_up is not None:
                self._written.setdefault((group, member), one.last_seen_up)

    def _make(self, group: str, members: list[str], now: datetime) -> None:
        self._end_pause()
        began = self._database.monotonic()
        found = self._database.write(
            lambda db: services.seen(db, group, members, now), "servicegroup.seen"
        )
        self._wrote_at = began
        with self._lock:
            self._ids.setdefault(group, {}).update(found)
            self._written.update({(group, member): now for member in members})

    def _is_older(self, key: _Key, now: datetime, age: timedelta) -> bool:
        """Whether it was not written for so long; a time that goes back tells nothing."""
        last = self._written.get(key)
        return last is None or not timedelta() <= now - last < age

    @property
    def _may_write(self) -> bool:
        return self._database.monotonic() >= self._write_at - _JITTER_S

    def _flush(self, *, everything: bool = False) -> None:
        """One statement for those that cannot wait; the caller holds `_writing`."""
        now = self._database.now()
        batch = self._take(now, timedelta() if everything else self._interval / 2)
        if not batch:
            return
        self._write_at = self._database.monotonic() + self._period_s
        try:
            self._end_pause()
            self._write(batch, now)
        except Exception:
            with self._lock:
                self._noted = {**batch, **self._noted}
            raise

    def _take(self, now: datetime, age: timedelta) -> dict[_Key, datetime]:
        """Those that were last written so long ago; who was noted first comes first."""
        with self._lock:
            old = [key for key, at in self._noted.items() if now - at > self._down_time]
            for key in old:  # it would be down by that
                del self._noted[key]
            due = (item for item in self._noted.items() if self._is_older(item[0], now, age))
            batch = dict(islice(due, _MOST))
            for key in batch:
                del self._noted[key]
            return batch

    def _end_pause(self) -> None:
        """After a pause of ours, see whether it was everybody's; before anything is written."""
        quiet_s = self._database.monotonic() - self._wrote_at
        if self._silence.may_have_paused(quiet_s):
            given = self._database.write(
                lambda db: self._silence.end_pause(db, self._database.now()), "servicegroup.pause"
            )
            if given:
                LOG.warning("nobody was written for a while: %d members have time again", given)

    def _write(self, batch: dict[_Key, datetime], now: datetime) -> None:
        with self._lock:
            found = [(self._ids.get(key[0], {}).get(key[1]), at) for key, at in batch.items()]
        heard = _grained({ident: at for ident, at in found if ident is not None}, self._grain)
        began = self._database.monotonic()
        met = self._database.write(
            lambda db: services.renewed(db, heard, now + SKEW), "servicegroup.seen"
        )
        self._wrote_at = began
        with self._lock:
            self._written.update(batch)
        if met < sum(map(len, heard.values())):
            self._learn_again({group for group, _member in batch})

    def _learn_again(self, groups: Iterable[str]) -> None:
        """Rows were removed. Who goes on all the same has a new one with its next report."""
        for group in sorted(groups):
            found = self._database.read(partial(services.places, binary=group))
            with self._lock:
                gone = self._ids.pop(group, {}).keys() - found.keys()
                for member in gone:
                    self._written.pop((group, member), None)
                self._learn(group, found)
            if gone:
                LOG.info("%s: removed are %s", group, ", ".join(sorted(gone)))


def _grained(heard: dict[int, datetime], grain: timedelta) -> dict[datetime, list[int]]:
    """The moments, each with the rows that were heard then or not a grain later."""
    found: dict[datetime, list[int]] = {}
    begin: datetime | None = None
    for at, ident in sorted((at, ident) for ident, at in heard.items()):
        if begin is None or at - begin > grain:
            begin = at
        found.setdefault(begin, []).append(ident)
    return {at: sorted(rows) for at, rows in found.items()}
