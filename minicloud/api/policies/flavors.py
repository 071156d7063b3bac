"""Rules of flavors. Nova lets whoever has a token read them."""

from typing import Final

from minicloud.api.policies.base import ADMIN, ANYONE, READER_OR_ADMIN, rule

READ: Final = "minicloud:flavors:read"
READ_PRIVATE: Final = "minicloud:flavors:read_private"
CREATE: Final = "os_compute_api:os-flavor-manage:create"
UPDATE: Final = "os_compute_api:os-flavor-manage:update"
ACCESS_INDEX: Final = "os_compute_api:os-flavor-access"
ACCESS_ADD: Final = "os_compute_api:os-flavor-access:add_tenant_access"
ACCESS_REMOVE: Final = "os_compute_api:os-flavor-access:remove_tenant_access"
DELETE: Final = "os_compute_api:os-flavor-manage:delete"
SPECS_CREATE: Final = "os_compute_api:os-flavor-extra-specs:create"
SPECS_UPDATE: Final = "os_compute_api:os-flavor-extra-specs:update"
SPECS_DELETE: Final = "os_compute_api:os-flavor-extra-specs:delete"
SPECS_INDEX: Final = "os_compute_api:os-flavor-extra-specs:index"
SPECS_SHOW: Final = "os_compute_api:os-flavor-extra-specs:show"

_SPECS: Final = "/flavors/{flavor_id}/os-extra_specs"

RULES: Final = [
    rule(
        READ,
        ANYONE,
        "List and show flavors.",
        "GET /flavors",
        "GET /flavors/detail",
        "GET /flavors/{flavor_id}",
    ),
    rule(READ_PRIVATE, ADMIN, "See flavors that are not public, without access.", "GET /flavors"),
    rule(CREATE, ADMIN, "Make a flavor.", "POST /flavors"),
    rule(UPDATE, ADMIN, "Change a flavor's description.", "PUT /flavors/{flavor_id}"),
    rule(
        ACCESS_INDEX,
        ADMIN,
        "List the projects that have access to a flavor.",
        "GET /flavors/{flavor_id}/os-flavor-access",
    ),
    rule(
        ACCESS_ADD,
        ADMIN,
        "Give a project access to a flavor.",
        "POST /flavors/{flavor_id}/action (addTenantAccess)",
    ),
    rule(
        ACCESS_REMOVE,
        ADMIN,
        "Take a project's access to a flavor away.",
        "POST /flavors/{flavor_id}/action (removeTenantAccess)",
    ),
    rule(DELETE, ADMIN, "Delete a flavor.", "DELETE /flavors/{flavor_id}"),
    rule(SPECS_CREATE, ADMIN, "Set extra specs of a flavor.", f"POST {_SPECS}"),
    rule(SPECS_UPDATE, ADMIN, "Set one extra spec of a flavor.", f"PUT {_SPECS}/{{key}}"),
    rule(SPECS_DELETE, ADMIN, "Delete an extra spec of a flavor.", f"DELETE {_SPECS}/{{key}}"),
    rule(
        SPECS_INDEX,
        READER_OR_ADMIN,
        "See the extra specs of flavors.",
        "GET /flavors/{flavor_id}/os-extra_specs",
        "GET /flavors/detail",
        "GET /flavors/{flavor_id}",
    ),
    rule(
        SPECS_SHOW,
        READER_OR_ADMIN,
        "Show one extra spec of a flavor.",
        "GET /flavors/{flavor_id}/os-extra_specs/{key}",
    ),
]
