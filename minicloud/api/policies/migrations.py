"""Rules of migrations, as they are read."""

from typing import Final

from minicloud.api.policies.base import ADMIN, MANAGER_OR_ADMIN, rule

LIST: Final = "os_compute_api:os-migrations:index"
LIST_ALL: Final = "os_compute_api:os-migrations:index:all_projects"
LIST_HOST: Final = "os_compute_api:os-migrations:index:host"
INDEX: Final = "os_compute_api:servers:migrations:index"
INDEX_HOST: Final = "os_compute_api:servers:migrations:index:host"
SHOW: Final = "os_compute_api:servers:migrations:show"

_OF_SERVER: Final = "GET /servers/{server_id}/migrations"

RULES: Final = [
    rule(LIST, MANAGER_OR_ADMIN, "List the project's migrations.", "GET /os-migrations"),
    rule(LIST_ALL, ADMIN, "List the migrations of all projects.", "GET /os-migrations"),
    rule(LIST_HOST, ADMIN, "See from where to where servers went.", "GET /os-migrations"),
    rule(INDEX, MANAGER_OR_ADMIN, "List a server's live migrations under way.", _OF_SERVER),
    rule(INDEX_HOST, ADMIN, "See from where to where a server goes.", _OF_SERVER),
    rule(SHOW, ADMIN, "Show a live migration that is under way.", f"{_OF_SERVER}/{{id}}"),
]
