"""Rules of the services that make up the cloud."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

LIST: Final = "os_compute_api:os-services:list"

RULES: Final = [rule(LIST, ADMIN, "List services.", "GET /os-services")]
