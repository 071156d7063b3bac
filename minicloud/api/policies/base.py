"""The personas that rules are written in, and how a rule is written down."""

from typing import Any, Final

from oslo_policy import policy

ADMIN: Final = "rule:context_is_admin"
MANAGER_OR_ADMIN: Final = "rule:project_manager_or_admin"
MEMBER_OR_ADMIN: Final = "rule:project_member_or_admin"
READER_OR_ADMIN: Final = "rule:project_reader_or_admin"
ANYONE: Final = "@"  # whoever has a token of a project

_MANAGER: Final = "role:manager and project_id:%(project_id)s"
_MEMBER: Final = "(role:manager or role:member) and project_id:%(project_id)s"
_READER: Final = "(role:manager or role:member or role:reader) and project_id:%(project_id)s"

RULES: Final = [
    policy.RuleDefault("context_is_admin", "role:admin", "Who is administrator of the cloud."),
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
]


def rule(name: str, check: str, description: str, *operations: str) -> Any:
    """A rule with its default; an operation is "METHOD /path"."""
    pairs = [operation.split(" ", 1) for operation in operations]
    if not pairs:
        return policy.RuleDefault(name, check, description)
    return policy.DocumentedRuleDefault(
        name, check, description, [{"method": m, "path": p} for m, p in pairs]
    )
