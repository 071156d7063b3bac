"""Key pairs of this zone."""

from collections.abc import Callable, Sequence

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import key_pairs, quotas
from minicloud.db.engine import Database
from minicloud.db.models import KeyPair
from minicloud.zones.key_pairs import MadeKeyPair, NewKeyPair
from minicloud.zones.local import limits


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
        from minicloud.zones.local import keys  # it takes a program's start to import

        now = self._database.now()
        if wanted.public_key is None:
            found = keys.made(wanted.type, user_id, now)
        else:
            found = keys.given(wanted.type, wanted.public_key)
        facts = {
            "user_id": user_id,
            "name": wanted.name,
            "type": wanted.type,
            "public_key": found.public_key,
            "fingerprint": found.fingerprint,
            "created_at": now,
        }
        row = self._database.write_once(self._adding(context.project_id, facts), "api.key_pair")
        return MadeKeyPair(row, found.private_key)

    def _adding(
        self, project_id: str, facts: dict[str, object]
    ) -> Callable[[Session, bool], KeyPair]:
        usual = limits.defaults(self._conf)

        def work(db: Session, again: bool) -> KeyPair:
            row = KeyPair(**facts)
            quotas.guard(db, row.user_id)
            if again:
                there = key_pairs.get(db, row.user_id, row.name)
                if there is not None and there.created_at == row.created_at:
                    return there
            limit = quotas.limits(db, project_id, row.user_id, usual)["key_pairs"]
            if 0 <= limit <= quotas.key_pairs(db, row.user_id):
                raise errors.TooManyKeyPairs
            key_pairs.add(db, row)
            return row

        return work

    def delete(self, context: RequestContext, user_id: str, name: str) -> None:
        def work(db: Session, again: bool) -> None:
            if not key_pairs.remove(db, user_id, name) and not again:
                raise errors.KeyPairNotFound(name, user_id)

        self._database.write_once(work, "api.key_pair")
