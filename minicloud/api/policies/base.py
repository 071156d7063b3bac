"""The personas that rules are written in, and how a rule is written down."""

from collections.abc import Mapping
from typing import Any, Final

from oslo_policy import policy

ADMIN: Final = "rule:context_is_admin"
MANAGER_OR_ADMIN: Final = "rule:project_manager_or_admin"
MEMBER_OR_ADMIN: Final = "rule:project_member_or_admin"
READER_OR_ADMIN: Final = "rule:project_reader_or_admin"
SERVICE_OR_ADMIN: Final = "rule:service_or_admin"
ANYONE: Final = "@"  # whoever has a token of a project

_MANAGER: Final = "role:manager and project_id:%(project_id)s"
_MEMBER: Final = "role:member and project_id:%(project_id)s"
_READER: Final = "role:reader and project_id:%(project_id)s"
_OLD: Final = {
    "deprecated_for_removal": True,
    "deprecated_reason": "No rule here refers to it any more; files of operators may.",
    "deprecated_since": "21.0.0",
}

_OS: Final = "os_compute_api:os-"
_WHY: Final = "The rule was split into one for each thing that can be done."
_SPLIT: Final = {  # -> the release of Nova that split it
    **dict.fromkeys(
        (
            *(_OS + "attach-interfaces", _OS + "deferred-delete", _OS + "hypervisors"),
            *(_OS + "instance-actions", _OS + "instance-usage-audit-log"),
            *(_OS + "server-password", _OS + "services"),
        ),
        "21.0.0",
    ),
    **dict.fromkeys(
        (
            *(_OS + "baremetal-nodes", _OS + "floating-ips", _OS + "hosts", _OS + "multinic"),
            *(_OS + "security-groups", _OS + "tenant-networks", _OS + "volumes"),
        ),
        "22.0.0",
    ),
}
_RENAMED: Final[Mapping[str, str | None]] = {
    _OS + "instance-actions:events": None,
    _OS + "instance-actions:events:details": None,
    _OS + "migrate-server:migrate_live:host": _OS + "migrate-server:migrate_live",
    _OS + "migrations:index:all_projects": _OS + "migrations:index",
    _OS + "migrations:index:host": _OS + "migrations:index",
    "os_compute_api:servers:migrations:index:host": "os_compute_api:servers:migrations:index",
    "os_compute_api:servers:show:flavor-extra-specs": _OS + "flavor-extra-specs:index",
    "os_compute_api:limits:other_project": _OS + "used-limits",
    _OS + "networks:list": _OS + "networks:view",
    _OS + "networks:show": _OS + "networks:view",
    _OS + "unrescue": _OS + "rescue",
}

RULES: Final = [
    policy.RuleDefault("context_is_admin", "role:admin", "Who is administrator of the cloud."),
    policy.RuleDefault(
        "admin_or_owner", "is_admin:True or project_id:%(project_id)s", "As it was once.", **_OLD
    ),
    policy.RuleDefault("admin_api", "is_admin:True", "As it was once.", **_OLD),
    policy.RuleDefault("service_api", "role:service", "Another service of the cloud."),
    policy.RuleDefault("project_manager_api", _MANAGER, "Who manages a project."),
    policy.RuleDefault("project_member_api", _MEMBER, "Who acts in a project."),
    policy.RuleDefault("project_reader_api", _READER, "Who reads in a project."),
    policy.RuleDefault(
        "project_manager_or_admin",
        "rule:project_manager_api or rule:context_is_admin",
        "A manager of the project, or an administrator.",
    ),
    policy.RuleDefault(
        "project_member_or_admin",
        "rule:project_member_api or rule:context_is_admin",
        "A member of the project, or an administrator.",
    ),
    policy.RuleDefault(
        "project_reader_or_admin",
        "rule:project_reader_api or rule:context_is_admin",
        "A reader of the project, or an administrator.",
    ),
    policy.RuleDefault(
        "service_or_admin",
        "rule:service_api or rule:context_is_admin",
        "Another service of the cloud, or an administrator.",
    ),
]


def rule(name: str, check: str, description: str, *operations: str) -> Any:
    """A rule with its default; an operation is "METHOD /path"."""
    pairs = [operation.split(" ", 1) for operation in operations]
    listed = [{"method": method, "path": path} for method, path in pairs]
    if not listed:
        return policy.RuleDefault(name, check, description)
    old = _old_name(name)
    before = None
    if old:
        since = _SPLIT.get(old, "21.0.0")
        before = policy.DeprecatedRule(old, check, deprecated_reason=_WHY, deprecated_since=since)
    return policy.DocumentedRuleDefault(name, check, description, listed, before)


def _old_name(name: str) -> str | None:
    """What the rule was called when it stood for more; files of operators may say so still."""
    if name in _RENAMED:
        return _RENAMED[name]
    above = name.rpartition(":")[0]
    above = above if above in _SPLIT else above.rpartition(":")[0]
    return above if above in _SPLIT and name != above else None
