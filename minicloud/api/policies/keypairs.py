"""Rules of key pairs: everybody has their own, administrators those of all."""

from typing import Final

from minicloud.api.policies.base import rule

_OWNER_OR_ADMIN: Final = "(rule:context_is_admin) or user_id:%(user_id)s"
_KEYPAIRS: Final = "os_compute_api:os-keypairs:"
INDEX: Final = _KEYPAIRS + "index"
CREATE: Final = _KEYPAIRS + "create"
SHOW: Final = _KEYPAIRS + "show"
DELETE: Final = _KEYPAIRS + "delete"

RULES: Final = [
    rule(INDEX, _OWNER_OR_ADMIN, "List a user's key pairs.", "GET /os-keypairs"),
    rule(CREATE, _OWNER_OR_ADMIN, "Import or make a key pair.", "POST /os-keypairs"),
    rule(SHOW, _OWNER_OR_ADMIN, "Show a key pair.", "GET /os-keypairs/{keypair_name}"),
    rule(DELETE, _OWNER_OR_ADMIN, "Delete a key pair.", "DELETE /os-keypairs/{keypair_name}"),
]
