"""Rules of the log of what was done to a server."""

from typing import Final

from minicloud.api.policies.base import ADMIN, READER_OR_ADMIN, rule

_BASE: Final = "os_compute_api:os-instance-actions:"
LIST: Final = _BASE + "list"
SHOW: Final = _BASE + "show"
EVENTS: Final = _BASE + "events"
DETAILS: Final = _BASE + "events:details"

_ONE: Final = "GET /servers/{server_id}/os-instance-actions/{request_id}"

RULES: Final = [
    rule(LIST, READER_OR_ADMIN, "List actions.", "GET /servers/{server_id}/os-instance-actions"),
    rule(SHOW, READER_OR_ADMIN, "Show an action.", _ONE),
    rule(EVENTS, ADMIN, "See events before 2.51, and tracebacks and hosts.", _ONE),
    rule(DETAILS, ADMIN, "See why events failed.", _ONE),
]
