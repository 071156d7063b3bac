"""Gives the names of services to programs: one living program has a name, in an epoch."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.conf.servicegroup import down_time_s
from minicloud.db import enlisting, services
from minicloud.db.engine import Database
from minicloud.db.models import Service
from minicloud.runtime.owner import Owner
from minicloud.servicegroup.base import ServiceGroup


class Registry:
    """The books say who has a name, the service group whether that one lives."""

    def __init__(self, conf: cfg.ConfigOpts, database: Database, group: ServiceGroup) -> None:
        self._database, self._group = database, group
        self._ttl_s = down_time_s(conf)

    def enlist(
        self, binary: str, names: Collection[str], owner: Owner, instead_of: Collection[str] = ()
    ) -> Mapping[str, int]:
        """name -> epoch. NameTaken; `instead_of`: programs that are known to have ended."""
        nonces = (owner["nonce"], *instead_of)
        others = self._database.read(lambda db: enlisting.others(db, binary, names, nonces))
        alive = self._alive(binary, others) if others else frozenset()
        patience = timedelta(seconds=self._ttl_s)

        def work(db: Session) -> Mapping[str, int]:
            now = self._database.now()
            return enlisting.enlist(
                db, binary, names, owner, now, alive.__contains__, patience, instead_of
            )

        return self._database.write(work, "servicegroup.enlist")

    def is_nobodys(self, binary: str, name: str) -> bool:
        rows = self._database.read(lambda db: services.of_group(db, binary, name))
        return not any(row.owner for row in rows)

    def left(self, binary: str, names: Collection[str], nonce: str) -> None:
        """The program is about to end: its names are down at once."""
        self._database.write(
            lambda db: enlisting.left(db, binary, names, nonce, self._database.now()),
            "servicegroup.left",
        )

    def resign(self, binary: str, names: Collection[str], nonce: str) -> None:
        """The program ends: its names are free."""
        self._database.write(
            lambda db: enlisting.resign(db, binary, names, nonce), "servicegroup.resign"
        )

    def _alive(self, binary: str, rows: Collection[Service]) -> frozenset[str]:
        """One that an operator has called down may live all the same."""
        alive = self._group.get_all(binary)
        if any(row.forced_down for row in rows):
            known = self._group.standings(binary)
            heard = {name for name, one in known.items() if _is_recent(one.age_s, self._ttl_s)}
            alive = alive | {row.host for row in rows if row.forced_down and row.host in heard}
        return frozenset(alive)


def _is_recent(age_s: float | None, ttl_s: float) -> bool:
    return age_s is not None and age_s <= ttl_s
