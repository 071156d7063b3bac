"""Key pairs."""

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones.key_pairs import MadeKeyPair, NewKeyPair
from tests.unit.api.fake_zone.rows import T0


class FakeKeyPairs:
    """One, of everybody; tests/functional/test_keypairs.py has real ones."""

    def list(
        self, context: RequestContext, user_id: str, limit: int | None, marker: str | None
    ) -> list[models.KeyPair]:
        facts = {"type": "ssh", "public_key": "ssh-rsa AAAA", "fingerprint": "00:11"}
        return [models.KeyPair(id=1, name="mine", user_id=user_id, created_at=T0, **facts)]

    def show(self, context: RequestContext, user_id: str, name: str) -> models.KeyPair:
        if name != "mine":
            raise errors.KeyPairNotFound(name, user_id)
        return self.list(context, user_id, None, None)[0]

    def create(self, context: RequestContext, user_id: str, wanted: NewKeyPair) -> MadeKeyPair:
        return MadeKeyPair(self.show(context, user_id, "mine"), None)

    def check_room(self, context: RequestContext, user_id: str) -> None: ...

    def delete(self, context: RequestContext, user_id: str, name: str) -> None:
        self.show(context, user_id, name)
