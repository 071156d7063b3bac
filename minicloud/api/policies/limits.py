"""Rules of limits."""

from typing import Final

from minicloud.api.policies.base import ADMIN, ANYONE, rule

SHOW: Final = "os_compute_api:limits"
OTHER_PROJECT: Final = "os_compute_api:limits:other_project"

RULES: Final = [
    rule(SHOW, ANYONE, "Show the project's limits.", "GET /limits"),
    rule(OTHER_PROJECT, ADMIN, "Show another project's limits.", "GET /limits"),
]
