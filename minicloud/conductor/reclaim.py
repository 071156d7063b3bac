"""The duty `reclaim`: forget what has expired, whether anybody asks for the like again or not."""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from minicloud.conductor.duties import RECLAIM
from minicloud.db import consoles, duties, idempotency, tokens
from minicloud.db.engine import Database

LOG = logging.getLogger(__name__)
_BATCH: Final = 500  # rows of a kind in one transaction
_GRACE: Final = timedelta(minutes=1)  # for readers whose time is a little behind


class Reclaim:
    def __init__(self, database: Database) -> None:
        self._database = database

    def work(self, token: int) -> bool:
        """Whether there may be more."""

        def forget(db: Session) -> tuple[int, int, int]:
            now = self._database.now()
            duties.check(db, RECLAIM, token, now)
            over = now - _GRACE
            return (
                tokens.purge(db, over, _BATCH),
                consoles.purge(db, over, _BATCH),
                idempotency.purge(db, over, _BATCH),
            )

        counts = self._database.write(forget, "conductor.reclaim")
        if any(counts):
            LOG.info("forgot %d tokens, %d of consoles and %d idempotency keys", *counts)
        return max(counts) == _BATCH
