"""Rules of server groups."""

from typing import Final

from minicloud.api.policies.base import ADMIN, MEMBER_OR_ADMIN, READER_OR_ADMIN, rule

_BASE: Final = "os_compute_api:os-server-groups:"
INDEX: Final = _BASE + "index"
INDEX_ALL: Final = _BASE + "index:all_projects"
CREATE: Final = _BASE + "create"
SHOW: Final = _BASE + "show"
DELETE: Final = _BASE + "delete"

_ALL: Final = "/os-server-groups"
_ONE: Final = "/os-server-groups/{server_group_id}"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List server groups.", f"GET {_ALL}"),
    rule(INDEX_ALL, ADMIN, "List server groups of all projects.", f"GET {_ALL}"),
    rule(CREATE, MEMBER_OR_ADMIN, "Make a server group.", f"POST {_ALL}"),
    rule(SHOW, READER_OR_ADMIN, "Show a server group.", f"GET {_ONE}"),
    rule(DELETE, MEMBER_OR_ADMIN, "Delete a server group.", f"DELETE {_ONE}"),
]
