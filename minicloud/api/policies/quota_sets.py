"""Rules of quotas: of projects, their users, and classes."""

from typing import Final

from minicloud.api.policies.base import ADMIN, ANYONE, READER_OR_ADMIN, rule

_BASE: Final = "os_compute_api:os-quota-sets:"
SHOW: Final = _BASE + "show"
DETAIL: Final = _BASE + "detail"
DEFAULTS: Final = _BASE + "defaults"
UPDATE: Final = _BASE + "update"
DELETE: Final = _BASE + "delete"
SHOW_CLASS: Final = "os_compute_api:os-quota-class-sets:show"
UPDATE_CLASS: Final = "os_compute_api:os-quota-class-sets:update"

_ONE: Final = "/os-quota-sets/{tenant_id}"
_CLASS: Final = "/os-quota-class-sets/{quota_class}"

RULES: Final = [
    rule(SHOW, READER_OR_ADMIN, "Show a project's quota.", f"GET {_ONE}"),
    rule(DETAIL, READER_OR_ADMIN, "Show quota and use.", f"GET {_ONE}/detail"),
    rule(DEFAULTS, ANYONE, "Show the quota of projects in general.", f"GET {_ONE}/defaults"),
    rule(UPDATE, ADMIN, "Change the quota of a project or user.", f"PUT {_ONE}"),
    rule(DELETE, ADMIN, "Put a quota back to the defaults.", f"DELETE {_ONE}"),
    rule(SHOW_CLASS, ADMIN, "Show the quota of a class.", f"GET {_CLASS}"),
    rule(UPDATE_CLASS, ADMIN, "Change the quota of a class.", f"PUT {_CLASS}"),
]
