"""Rules of hypervisors."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

_BASE: Final = "os_compute_api:os-hypervisors:"
LIST: Final = _BASE + "list"
LIST_DETAIL: Final = _BASE + "list-detail"
STATISTICS: Final = _BASE + "statistics"
SHOW: Final = _BASE + "show"
UPTIME: Final = _BASE + "uptime"
SEARCH: Final = _BASE + "search"
SERVERS: Final = _BASE + "servers"

_ONE: Final = "GET /os-hypervisors/{hypervisor_id}"

RULES: Final = [
    rule(LIST, ADMIN, "List hypervisors.", "GET /os-hypervisors"),
    rule(LIST_DETAIL, ADMIN, "List hypervisors with details.", "GET /os-hypervisors/detail"),
    rule(STATISTICS, ADMIN, "Sum up all hypervisors.", "GET /os-hypervisors/statistics"),
    rule(SHOW, ADMIN, "Show a hypervisor.", _ONE),
    rule(UPTIME, ADMIN, "Show how long a hypervisor has run.", f"{_ONE}/uptime"),
    rule(SEARCH, ADMIN, "Find hypervisors by name.", f"{_ONE}/search"),
    rule(SERVERS, ADMIN, "List the servers of hypervisors.", f"{_ONE}/servers"),
]
