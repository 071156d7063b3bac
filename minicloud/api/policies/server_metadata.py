"""Rules of servers' metadata."""

from typing import Final

from minicloud.api.policies.base import MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

_METADATA: Final = "os_compute_api:server-metadata:"
INDEX: Final = _METADATA + "index"
SHOW: Final = _METADATA + "show"
CREATE: Final = _METADATA + "create"
UPDATE_ALL: Final = _METADATA + "update_all"
UPDATE: Final = _METADATA + "update"
DELETE: Final = _METADATA + "delete"

_ALL: Final = "/servers/{server_id}/metadata"
_ONE: Final = _ALL + "/{key}"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List metadata.", f"GET {_ALL}"),
    rule(SHOW, READER_OR_ADMIN, "Show an item.", f"GET {_ONE}"),
    rule(CREATE, MEMBER_OR_ADMIN, "Merge items into the metadata.", f"POST {_ALL}"),
    rule(UPDATE_ALL, MEMBER_OR_ADMIN, "Replace the metadata.", f"PUT {_ALL}"),
    rule(UPDATE, MEMBER_OR_ADMIN, "Set an item.", f"PUT {_ONE}"),
    rule(DELETE, MEMBER_OR_ADMIN, "Delete an item.", f"DELETE {_ONE}"),
]
