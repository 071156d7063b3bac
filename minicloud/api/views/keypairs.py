"""Key pairs as Nova shows them."""

from typing import Any

from minicloud.api.versions import Since
from minicloud.api.views.moments import precise
from minicloud.db.models import KeyPair
from minicloud.zones.key_pairs import MadeKeyPair


def brief(row: KeyPair, version: int) -> dict[str, Any]:
    shown = {"name": row.name, "public_key": row.public_key, "fingerprint": row.fingerprint}
    if version >= Since.KEY_PAIR_TYPE:
        shown["type"] = row.type
    return shown


def created(made: MadeKeyPair, version: int) -> dict[str, Any]:
    shown = brief(made.row, version) | {"user_id": made.row.user_id}
    if made.private_key is not None:
        shown["private_key"] = made.private_key
    return shown


def detail(row: KeyPair, version: int) -> dict[str, Any]:
    return brief(row, version) | {
        "user_id": row.user_id,
        "id": row.id,
        "created_at": precise(row.created_at),
        "updated_at": None,
        "deleted": False,
        "deleted_at": None,
    }
