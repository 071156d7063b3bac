"""Rules of what administrators and other services ask about the guests of servers."""

from typing import Final

from minicloud.api.policies.base import ADMIN, SERVICE_OR_ADMIN, rule

EVENTS: Final = "os_compute_api:os-server-external-events:create"
DIAGNOSTICS: Final = "os_compute_api:os-server-diagnostics"

RULES: Final = [
    rule(EVENTS, SERVICE_OR_ADMIN, "Tell of events outside.", "POST /os-server-external-events"),
    rule(DIAGNOSTICS, ADMIN, "See a guest's numbers.", "GET /servers/{server_id}/diagnostics"),
]
