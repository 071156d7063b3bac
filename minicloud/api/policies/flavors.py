"""Rules of flavors. Nova lets whoever has a token read them."""

from typing import Final

from minicloud.api.policies.base import ADMIN, ANYONE, READER_OR_ADMIN, rule

READ: Final = "minicloud:flavors:read"
READ_PRIVATE: Final = "minicloud:flavors:read_private"
SPECS_INDEX: Final = "os_compute_api:os-flavor-extra-specs:index"
SPECS_SHOW: Final = "os_compute_api:os-flavor-extra-specs:show"

RULES: Final = [
    rule(
        READ,
        ANYONE,
        "List and show flavors.",
        "GET /flavors",
        "GET /flavors/detail",
        "GET /flavors/{flavor_id}",
    ),
    rule(READ_PRIVATE, ADMIN, "See flavors that are not public.", "GET /flavors"),
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
