"""Membership by leases in a store: ZooKeeper, memcached, Redis or etcd.

The store says who lives. Which members there are, and which an operator has called down, the
database's rows say, as with every driver; nothing is written there for a heartbeat.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from oslo_config import cfg

from minicloud import errors
from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.runtime import dice as chance
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.servicegroup import stores
from minicloud.servicegroup.answers import Answers, Names
from minicloud.servicegroup.base import Lease, Standing, Store
from minicloud.servicegroup.leases import lease_of
from minicloud.servicegroup.reader import Reader
from minicloud.servicegroup.view import View

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Rows:
    """What the database says of a group: who there is, whom an operator has called down, and who
    said that it ends and was not replaced yet."""

    known: frozenset[str]
    forced: frozenset[str]
    left: frozenset[str]


class LeasedGroup(Answers):
    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        clock: Clock | None = None,
        dice: chance.Dice | None = None,
    ) -> None:
        super().__init__(dice)
        self._conf, self._database = conf, database
        self._clock = clock or SystemClock()
        store = stores.connect(conf, self._clock)
        self._driver, self._address = store.address.driver, store.address.shown
        self._reader = Reader(store, self._clock)
        self._leases: dict[tuple[str, str], Lease] = {}
        self._told: set[tuple[str, str]] = set()
        self._names = Names()
        self._lock = threading.Lock()

    def join(self, member: str, group: str) -> None:
        now = self._database.now()
        self._database.write(
            lambda db: services.seen(db, group, [member], now), "servicegroup.seen"
        )
        rows = self._database.read(lambda db: services.of_group(db, group, member))
        with self._lock:
            lease = self._leases.get((group, member))
        if lease is None:
            lease = lease_of(self._conf, member, self._clock)
        with self._lock:
            self._leases[group, member] = lease
            self._told.discard((group, member))
        with suppress(errors.StoreDown):  # it is joined when the store is back
            lease.join({member: rows[0].epoch if rows else 0}, group)

    def leave(self, member: str, group: str) -> None:
        with self._lock:
            lease = self._leases.pop((group, member), None)
        if lease is None:
            return
        lost = lease.lost_to is not None
        lease.close()
        if not lost:
            now = self._database.now()
            self._database.write(
                lambda db: services.last_seen(db, group, member, now), "servicegroup.leave"
            )

    def beat(self, *, reached: bool = True) -> None:
        with self._lock:
            leases = dict(self._leases)
        for (group, member), lease in leases.items():
            if reached:
                lease.renew()
            if lease.lost_to is not None and (group, member) not in self._told:
                self._told.add((group, member))
                LOG.error("%s of %s", errors.NameTaken(member, lease.lost_to), group)

    def renew(self, members: Collection[str], group: str) -> None:
        """They hold leases of their own."""

    def get_all(self, group: str) -> set[str]:
        view, rows = self._reader.view(group), self._rows(group)
        return set((view.alive & rows.known) - rows.forced - rows.left)

    def known(self, group: str) -> set[str]:
        return set(self._rows(group).known)

    def down(self, group: str) -> set[str]:
        view, rows = self._reader.view(group), self._rows(group)
        return set(rows.known - (view.alive - rows.forced - rows.left))

    def lately(self, group: str) -> set[str]:
        view, rows = self._reader.view(group), self._rows(group)
        now, down = self._clock.monotonic(), rows.known - (view.alive - rows.left) - rows.forced
        return {host for host in down if host in view.alive or view.may_return(host, now)}

    def updated_time(self, member: str, group: str) -> datetime | None:
        rows = self._database.read(lambda db: services.of_group(db, group, member))
        view = self._reader.view(group)
        return self._heard_at(rows[0], view, *self._now()) if rows else None

    def standings(self, group: str) -> Mapping[str, Standing]:
        rows = self._database.read(lambda db: services.of_group(db, group))
        view, (now, moment) = self._reader.view(group), self._now()
        source = self._source(view, moment)
        found = {}
        for row in rows:
            at = self._heard_at(row, view, now, moment)
            age = None if at is None else max((now - at).total_seconds(), 0.0)
            up = row.host in view.alive and not row.forced_down and row.left_at is None
            found[row.host] = Standing(up, at, age, source)
        return found

    def store(self) -> Store:
        state = self._reader.state
        return Store(self._driver, self._address, state.away_s, state.trouble, state.settles_s)

    def close(self) -> None:
        with self._lock:
            joined = sorted(self._leases)
        for group, member in joined:
            self.leave(member, group)
        self._reader.close()

    def _now(self) -> tuple[datetime, float]:
        return self._database.now(), self._clock.monotonic()

    def _heard_at(self, row: Service, view: View, now: datetime, moment: float) -> datetime | None:
        """By this reader, or before its time by whoever wrote the row."""
        seen = view.last_seen(row.host)
        return row.last_seen_up if seen is None else now - timedelta(seconds=moment - seen)

    def _source(self, view: View, moment: float) -> str:
        """The driver; with it, while the store cannot be read, how old its word is."""
        if not view.fails:
            return self._driver
        age_s = moment - view.read_at
        return f"{self._driver}, not read for {age_s:.0f} s"

    def _rows(self, group: str) -> _Rows:
        return self._database.read(
            lambda db: _Rows(self._names.of(db, group), *services.called_down(db, group))
        )
