"""Rules of servers' metadata."""

from typing import Final

from minicloud.api.policies.base import READER_OR_ADMIN, rule

INDEX: Final = "os_compute_api:server-metadata:index"
SHOW: Final = "os_compute_api:server-metadata:show"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List metadata.", "GET /servers/{server_id}/metadata"),
    rule(SHOW, READER_OR_ADMIN, "Show an item.", "GET /servers/{server_id}/metadata/{key}"),
]
