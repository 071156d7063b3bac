"""Rules of servers' tags."""

from typing import Final

from minicloud.api.policies.base import READER_OR_ADMIN, rule

INDEX: Final = "os_compute_api:os-server-tags:index"
SHOW: Final = "os_compute_api:os-server-tags:show"

RULES: Final = [
    rule(INDEX, READER_OR_ADMIN, "List tags.", "GET /servers/{server_id}/tags"),
    rule(SHOW, READER_OR_ADMIN, "Look for a tag.", "GET /servers/{server_id}/tags/{tag}"),
]
