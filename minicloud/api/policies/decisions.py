"""Rules of what is told of the scheduler's last decision about a server."""

from typing import Final

from minicloud.api.policies.base import ADMIN, READER_OR_ADMIN, rule

SHOW: Final = "minicloud:scheduling:show"
HOSTS: Final = "minicloud:scheduling:show:hosts"

_SHOW: Final = "GET /servers/{server_id}/scheduling"

RULES: Final = [
    rule(SHOW, READER_OR_ADMIN, "See why no host was found for a server, in numbers.", _SHOW),
    rule(HOSTS, ADMIN, "See that host by host, with names and what each has.", _SHOW),
]
