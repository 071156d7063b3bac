"""Rules of servers' tags."""

from typing import Final

from minicloud.api.policies.base import MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

_TAGS: Final = "os_compute_api:os-server-tags:"
INDEX: Final = _TAGS + "index"
SHOW: Final = _TAGS + "show"
UPDATE_ALL: Final = _TAGS + "update_all"
DELETE_ALL: Final = _TAGS + "delete_all"
UPDATE: Final = _TAGS + "update"
DELETE: Final = _TAGS + "delete"

_ALL: Final = "/servers/{server_id}/tags"
_ONE: Final = _ALL + "/{tag}"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List tags.", f"GET {_ALL}"),
    rule(SHOW, READER_OR_ADMIN, "Look for a tag.", f"GET {_ONE}"),
    rule(UPDATE_ALL, MEMBER_OR_ADMIN, "Replace all tags.", f"PUT {_ALL}"),
    rule(DELETE_ALL, MEMBER_OR_ADMIN, "Delete all tags.", f"DELETE {_ALL}"),
    rule(UPDATE, MEMBER_OR_ADMIN, "Add a tag.", f"PUT {_ONE}"),
    rule(DELETE, MEMBER_OR_ADMIN, "Delete a tag.", f"DELETE {_ONE}"),
]
