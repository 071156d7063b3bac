"""Rules of what servers have run."""

from typing import Final

from minicloud.api.policies.base import ADMIN, READER_OR_ADMIN, rule

LIST: Final = "os_compute_api:os-simple-tenant-usage:list"
SHOW: Final = "os_compute_api:os-simple-tenant-usage:show"
AUDITS_LIST: Final = "os_compute_api:os-instance-usage-audit-log:list"
AUDITS_SHOW: Final = "os_compute_api:os-instance-usage-audit-log:show"

_USAGE: Final = "GET /os-simple-tenant-usage"
_AUDITS: Final = "GET /os-instance_usage_audit_log"

RULES: Final = [
    rule(LIST, ADMIN, "Show what all projects have used.", _USAGE),
    rule(SHOW, READER_OR_ADMIN, "Show what a project has used.", f"{_USAGE}/{{tenant_id}}"),
    rule(AUDITS_LIST, ADMIN, "Show the audits of the last period.", _AUDITS),
    rule(
        AUDITS_SHOW,
        ADMIN,
        "Show the audits of the last period before a moment.",
        f"{_AUDITS}/{{before_timestamp}}",
    ),
]
