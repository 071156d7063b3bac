"""Rules of aggregates."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

_BASE: Final = "os_compute_api:os-aggregates:"
INDEX: Final = _BASE + "index"
CREATE: Final = _BASE + "create"
SHOW: Final = _BASE + "show"
UPDATE: Final = _BASE + "update"
DELETE: Final = _BASE + "delete"
ADD_HOST: Final = _BASE + "add_host"
REMOVE_HOST: Final = _BASE + "remove_host"
SET_METADATA: Final = _BASE + "set_metadata"
IMAGES: Final = "compute:aggregates:images"

_ONE: Final = "/os-aggregates/{aggregate_id}"

RULES: Final = [
    rule(INDEX, ADMIN, "List aggregates.", "GET /os-aggregates"),
    rule(CREATE, ADMIN, "Make an aggregate.", "POST /os-aggregates"),
    rule(SHOW, ADMIN, "Show an aggregate.", f"GET {_ONE}"),
    rule(UPDATE, ADMIN, "Change an aggregate's name or zone.", f"PUT {_ONE}"),
    rule(DELETE, ADMIN, "Delete an aggregate.", f"DELETE {_ONE}"),
    rule(ADD_HOST, ADMIN, "Put a host into an aggregate.", f"POST {_ONE}/action (add_host)"),
    rule(
        REMOVE_HOST, ADMIN, "Take a host out of an aggregate.", f"POST {_ONE}/action (remove_host)"
    ),
    rule(
        SET_METADATA, ADMIN, "Set an aggregate's metadata.", f"POST {_ONE}/action (set_metadata)"
    ),
    rule(IMAGES, ADMIN, "Have images ready on an aggregate's hosts.", f"POST {_ONE}/images"),
]
