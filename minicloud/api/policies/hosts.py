"""Rules of hosts, as they were shown before there were hypervisors."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

_BASE: Final = "os_compute_api:os-hosts:"
LIST: Final = _BASE + "list"
SHOW: Final = _BASE + "show"
UPDATE: Final = _BASE + "update"
REBOOT: Final = _BASE + "reboot"
SHUTDOWN: Final = _BASE + "shutdown"
START: Final = _BASE + "start"

_ONE: Final = "/os-hosts/{host_name}"

RULES: Final = [
    rule(LIST, ADMIN, "List hosts.", "GET /os-hosts"),
    rule(SHOW, ADMIN, "Show what a host has and who uses it.", f"GET {_ONE}"),
    rule(UPDATE, ADMIN, "Take a host out of service, or back.", f"PUT {_ONE}"),
    rule(REBOOT, ADMIN, "Reboot a host.", f"GET {_ONE}/reboot"),
    rule(SHUTDOWN, ADMIN, "Shut a host down.", f"GET {_ONE}/shutdown"),
    rule(START, ADMIN, "Start a host.", f"GET {_ONE}/startup"),
]
