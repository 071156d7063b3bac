"""Keeps when a host was last heard, for whoever asks once it is gone.

Members that hold leases in a store leave nothing there when they end, and write no heartbeat to
the database; a reader that begins later would know of no time at all.
"""

from collections.abc import Collection

from minicloud.db import services
from minicloud.db.engine import Database
from minicloud.servicegroup.base import COMPUTE, ServiceGroup


class LastHeard:
    def __init__(self, database: Database, group: ServiceGroup) -> None:
        self._database, self._group = database, group
        self._noted: frozenset[str] = frozenset()

    def note(self, down: Collection[str]) -> None:
        """Called with whoever is down, as often as one likes: one write when someone goes."""
        new, self._noted = frozenset(down) - self._noted, frozenset(down)
        if not new or self._group.store().driver == "db":
            return
        standings = self._group.standings(COMPUTE)
        heard = {host: standings[host].heard_at for host in new if host in standings}
        rows = self._database.read(lambda db: services.of_group(db, COMPUTE))
        known = {row.host: row.last_seen_up for row in rows}
        later = {
            host: at
            for host, at in heard.items()
            if at is not None and ((last := known.get(host)) is None or last < at)
        }
        if later:
            self._database.write(
                lambda db: services.was_heard(db, COMPUTE, later), "conductor.last_heard"
            )
