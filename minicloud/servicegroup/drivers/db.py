"""Membership in the database: a row a service, renewed for all together (renewals.py).

The time is the database server's, so members' clocks do not matter. A time stamp from the future
means that the server's clock was set back: it tells nothing, and the member is down until it is
heard of again (SEMANTICS section 18).
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.runtime import dice as chance
from minicloud.servicegroup.answers import Answers, Names
from minicloud.servicegroup.base import Standing, Store
from minicloud.servicegroup.drivers.renewals import Renewals
from minicloud.servicegroup.drivers.silence import SKEW, Silence


class DbDriver(Answers):
    def __init__(
        self, conf: cfg.ConfigOpts, database: Database, dice: chance.Dice | None = None
    ) -> None:
        super().__init__(dice)
        self._database = database
        self._silence = Silence.of(conf)
        self._names = Names()
        self._renewals = Renewals(conf, database)

    def join(self, member: str, group: str) -> None:
        self._renewals.join(member, group)

    def leave(self, member: str, group: str) -> None:
        self._renewals.leave(member, group)

    def beat(self, *, reached: bool = True) -> None:
        """Write who was heard of since; call it every `flush_interval_s`."""
        self._renewals.beat(reached=reached)

    def renew(self, members: Collection[str], group: str) -> None:
        """Note them; `beat` writes it. Who is new is there when this returns."""
        self._renewals.renew(members, group)

    def get_all(self, group: str) -> set[str]:
        known, silent = self._database.read(
            lambda db: (self._names.of(db, group), self._silent(db, group))
        )
        return set(known.difference(host for host, _forced, _last in silent))

    def known(self, group: str) -> set[str]:
        return set(self._database.read(lambda db: self._names.of(db, group)))

    def down(self, group: str) -> set[str]:
        silent = self._database.read(lambda db: self._silent(db, group))
        return {host for host, _forced, _last in silent}

    def lately(self, group: str) -> set[str]:
        """Heard of within three down times; not whom an operator has called down."""
        since = self._database.now() - 3 * self._silence.down_time
        silent = self._database.read(lambda db: self._silent(db, group))
        return {
            host
            for host, forced, last in silent
            if not forced and last is not None and last >= since
        }

    def updated_time(self, member: str, group: str) -> datetime | None:
        rows = self._database.read(lambda db: services.of_group(db, group, member))
        return rows[0].last_seen_up if rows else None

    def standings(self, group: str) -> Mapping[str, Standing]:
        now = self._database.now()
        since = now - self._silence.down_time
        rows = self._database.read(lambda db: services.heard(db, group))
        late = (
            last for _host, gone, last in rows if not gone and last is not None and last < since
        )
        if any(self._silence.may_be_all(last, now) for last in late):
            since, rows = self._database.read(
                lambda db: (self._silence.since(db, now), services.heard(db, group))
            )
        return {host: _standing(gone, last, since, now) for host, gone, last in rows}

    def store(self) -> Store:
        return Store("db", self._database.address)

    def close(self) -> None:
        self._renewals.close()

    def _silent(self, db: Session, group: str) -> list[tuple[str, bool, datetime | None]]:
        """The members that are not alive."""
        now = self._database.now()
        found = services.not_heard(db, group, now - self._silence.down_time, now + SKEW)
        if not any(
            self._silence.may_be_all(last, now) for _host, forced, last in found if not forced
        ):
            return found
        # Asked again last: who writes first after a pause gives the others their time before that.
        return services.not_heard(db, group, self._silence.since(db, now), now + SKEW)


def _standing(gone: bool, last: datetime | None, since: datetime, now: datetime) -> Standing:
    if last is None:
        return Standing(False, None, None, "db")
    up = not gone and since <= last <= now + SKEW
    return Standing(up, last, (now - last).total_seconds(), "db")
