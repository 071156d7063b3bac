"""Rules of availability zones."""

from typing import Final

from minicloud.api.policies.base import ADMIN, ANYONE, rule

LIST: Final = "os_compute_api:os-availability-zone:list"
DETAIL: Final = "os_compute_api:os-availability-zone:detail"

RULES: Final = [
    rule(LIST, ANYONE, "List availability zones.", "GET /os-availability-zone"),
    rule(
        DETAIL,
        ADMIN,
        "List availability zones with their hosts.",
        "GET /os-availability-zone/detail",
    ),
]
