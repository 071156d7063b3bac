"""The duty `audit`: do the books agree with themselves, also where no agent reports any more."""

import logging
from typing import Final

from sqlalchemy.orm import Session

from minicloud.conductor.duties import AUDIT
from minicloud.db import drift, duties, hosts
from minicloud.db.engine import Database

LOG = logging.getLogger(__name__)
_SLICE: Final = 500  # hosts that are read at once


class Audit:
    """`work` looks at the next slice of the hosts; after the last it begins anew.

    A living host's claims are recounted with its inventory as well (report.take_inventory).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = 0
        self._told: frozenset[str] = frozenset()

    def work(self, token: int) -> bool:
        """Whether there are more hosts."""
        if not self._after:
            self._tell(self._database.read(drift.contradictions))
        after = self._after
        found, last = self._database.read(lambda db: drift.suspects(db, after, _SLICE))
        for host in found:
            self._correct(host, token)
        self._after = last or 0
        return last is not None

    def _correct(self, host: str, token: int) -> None:
        def work(db: Session) -> tuple[hosts.Need, hosts.Need] | None:
            now = self._database.now()
            duties.check(db, AUDIT, token, now)
            return hosts.audit(db, host, now)

        wrong = self._database.write(work, "conductor.audit")
        if wrong:
            LOG.error("claims on %s were %s, corrected to %s", host, *wrong)

    def _tell(self, found: list[str]) -> None:
        """Each once, for as long as it stays so. Mending it is left to people: either row may be
        the one that is right."""
        for what in found:
            if what not in self._told:
                LOG.warning("%s", what)
        self._told = frozenset(found)
