"""Rules of migrations, as they are read."""

from typing import Final

from minicloud.api.policies.base import ADMIN, rule

LIST: Final = "os_compute_api:os-migrations:index"
INDEX: Final = "os_compute_api:servers:migrations:index"
SHOW: Final = "os_compute_api:servers:migrations:show"

_OF_SERVER: Final = "GET /servers/{server_id}/migrations"

RULES: Final = [
    rule(LIST, ADMIN, "List migrations.", "GET /os-migrations"),
    rule(INDEX, ADMIN, "List the live migrations of a server that are under way.", _OF_SERVER),
    rule(SHOW, ADMIN, "Show a live migration that is under way.", f"{_OF_SERVER}/{{id}}"),
]
