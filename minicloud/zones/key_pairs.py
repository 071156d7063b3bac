"""Key pairs, as API handlers ask a zone for them. They belong to a user, not to a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from minicloud.context import RequestContext
from minicloud.db.models import KeyPair

SSH: Final = "ssh"
X509: Final = "x509"


@dataclass(frozen=True)
class NewKeyPair:
    name: str
    type: str = SSH
    public_key: str | None = None  # None: make a pair


@dataclass(frozen=True)
class MadeKeyPair:
    row: KeyPair
    private_key: str | None  # of a pair that was made; nobody keeps it


class KeyPairs(Protocol):
    def list(
        self, context: RequestContext, user_id: str, limit: int | None, marker: str | None
    ) -> Sequence[KeyPair]:
        """By name. BadRequest for an unknown marker; it is the name of a key pair."""

    def show(self, context: RequestContext, user_id: str, name: str) -> KeyPair:
        """KeyPairNotFound."""

    def create(self, context: RequestContext, user_id: str, wanted: NewKeyPair) -> MadeKeyPair:
        """InvalidKeyPair, KeyPairExists, TooManyKeyPairs."""

    def check_room(self, context: RequestContext, user_id: str) -> None:
        """TooManyKeyPairs when there is no room now; `create` is what keeps to it."""

    def delete(self, context: RequestContext, user_id: str, name: str) -> None:
        """KeyPairNotFound."""
