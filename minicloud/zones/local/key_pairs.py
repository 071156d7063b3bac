"""Key pairs of this zone."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import key_pairs, quotas
from minicloud.db.engine import Database
from minicloud.db.models import KeyPair
from minicloud.zones.key_pairs import MadeKeyPair, NewKeyPair
from minicloud.zones.local import limits

if TYPE_CHECKING:
    from minicloud.zones.local import keys


class LocalKeyPairs:
    def __init__(self, conf: cfg.ConfigOpts, database: Database) -> None:
        self._conf, self._database = conf, database

    def list(
        self, context: RequestContext, user_id: str, limit: int | None, marker: str | None
    ) -> Sequence[KeyPair]:
        return self._database.read(lambda db: key_pairs.of_user(db, user_id, limit, marker))

    def show(self, context: RequestContext, user_id: str, name: str) -> KeyPair:
        row = self._database.read(lambda db: key_pairs.get(db, user_id, name))
        if row is None:
            raise errors.KeyPairNotFound(name, user_id)
        return row

    def create(self, context: RequestContext, user_id: str, wanted: NewKeyPair) -> MadeKeyPair:
        now = self._database.now()
        found = self._key(context, user_id, wanted, now)
        facts = {
            "user_id": user_id,
            "name": wanted.name,
            "type": wanted.type,
            "public_key": found.public_key,
            "fingerprint": found.fingerprint,
            "created_at": now,
        }
        row = self._database.write_once(self._adding(context, facts), "api.key_pair")
        return MadeKeyPair(row, found.private_key)

    def _key(
        self, context: RequestContext, user_id: str, wanted: NewKeyPair, now: datetime
    ) -> "keys.Keys":
        """As in Nova a quota that is used up comes before a key that is none."""
        from minicloud.zones.local import keys  # it takes a program's start to import

        if wanted.public_key is None:
            return keys.made(wanted.type, user_id, now)
        try:
            return keys.given(wanted.type, wanted.public_key)
        except errors.InvalidKeyPair:
            self.check_room(context, user_id)
            raise

    def check_room(self, context: RequestContext, user_id: str) -> None:
        self._database.read(lambda db: self._check_quota(db, context, user_id))

    def _check_quota(self, db: Session, context: RequestContext, user_id: str) -> None:
        otherwise = limits.usual(self._conf, context, context.project_id)
        limit = quotas.limits(db, context.project_id, user_id, otherwise)["key_pairs"]
        if 0 <= limit <= quotas.key_pairs(db, user_id):
            raise errors.TooManyKeyPairs

    def _adding(
        self, context: RequestContext, facts: dict[str, object]
    ) -> Callable[[Session, bool], KeyPair]:
        def work(db: Session, again: bool) -> KeyPair:
            row = KeyPair(**facts)
            quotas.guard(db, row.user_id)
            if again:
                there = key_pairs.get(db, row.user_id, row.name)
                if there is not None and there.created_at == row.created_at:
                    return there
            self._check_quota(db, context, row.user_id)
            key_pairs.add(db, row)
            return row

        return work

    def delete(self, context: RequestContext, user_id: str, name: str) -> None:
        def work(db: Session, again: bool) -> None:
            if not key_pairs.remove(db, user_id, name) and not again:
                raise errors.KeyPairNotFound(name, user_id)

        self._database.write_once(work, "api.key_pair")
