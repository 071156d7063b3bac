"""Rules of the services that make up the cloud."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

_BASE: Final = "os_compute_api:os-services:"
LIST: Final = _BASE + "list"
UPDATE: Final = _BASE + "update"
DELETE: Final = _BASE + "delete"

_ONE: Final = "/os-services/{service_id}"

RULES: Final = [
    rule(LIST, ADMIN, "List services.", "GET /os-services"),
    rule(UPDATE, ADMIN, "Disable, enable or call down a compute service.", f"PUT {_ONE}"),
    rule(DELETE, ADMIN, "Remove a service.", f"DELETE {_ONE}"),
]
