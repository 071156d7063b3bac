"""Rules of questions to the scheduler."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

WHAT_IF: Final = "minicloud:scheduling:what_if"
WHAT_IF_FOR: Final = "minicloud:scheduling:what_if:other_project"
NOW: Final = "minicloud:scheduling:now"

_WHAT_IF: Final = "POST /scheduling/what-if"

RULES: Final = [
    rule(WHAT_IF, ADMIN, "Ask what would become of a new server, host by host.", _WHAT_IF),
    rule(WHAT_IF_FOR, ADMIN, "Ask that for another project.", _WHAT_IF),
    rule(
        NOW,
        ADMIN,
        "Ask where a server would go if it were placed now, host by host.",
        "GET /servers/{server_id}/scheduling/now",
    ),
]
