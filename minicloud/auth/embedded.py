"""The tokens of this program's own identity service, looked up in the database."""

from typing import Any

from keystonemiddleware.auth_token import InvalidToken

from minicloud.auth.document import token_view
from minicloud.auth.in_process import InProcess
from minicloud.auth.remembered import Memory, Remembered
from minicloud.db import revision, tokens
from minicloud.db.engine import Database


class Embedded(InProcess):
    """A token that was valid is remembered, and is valid while no grant has changed anywhere.

    That is asked of the database for each request, since any process may have changed one.
    """

    def __init__(self, database: Database, memory: Memory | None = None) -> None:
        super().__init__()
        self._database = database
        self._memory = memory or Memory()

    def fetch_token(self, token: str, **_: Any) -> dict[str, Any]:
        if not tokens.can_be_one(token):
            raise InvalidToken
        token_hash = tokens.hashed(token)
        known = self._memory.get(token_hash)
        if known is not None:
            if known.expires_at <= self._database.now():
                self._memory.forget(token_hash)
                raise InvalidToken
            if known.revision == revision.now(self._database):
                return known.document
        return self._looked_up(token, token_hash)

    def _looked_up(self, token: str, token_hash: str) -> dict[str, Any]:
        now = self._database.now()
        grant = self._database.read(lambda db: tokens.validated(db, token, now))
        if grant is None:
            self._memory.forget(token_hash)
            raise InvalidToken
        document = {"token": token_view(grant)}
        self._memory.keep(token_hash, Remembered(document, grant.expires_at, grant.revision))
        return document
