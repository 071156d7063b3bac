"""Who may do what: oslo.policy's rules, read once."""

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg
from oslo_policy import policy

from minicloud import errors
from minicloud.api.policies import list_rules
from minicloud.context import RequestContext


class Policy:
    """Rules in code, overridden by `policy.yaml`. A name that no rule bears is refused.

    The files are read when the program starts (and by `reload`), not looked at with each request.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._enforcer = policy.Enforcer(conf)
        self._enforcer.suppress_deprecation_warnings = True
        self._enforcer.register_defaults(list_rules())
        self.reload()

    def reload(self) -> None:
        """Read the files again."""
        self._enforcer.load_rules(True)
        self._rules = dict(self._enforcer.rules)

    def names(self) -> frozenset[str]:
        return frozenset(self._rules)

    def allows(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> bool:
        """`target` is what is acted on; without one, something of the caller's own."""
        check = self._rules.get(rule)
        if check is None:
            return False
        caller = {
            "user_id": context.user_id,
            "project_id": context.project_id,
            "roles": context.roles,
            "is_admin": context.is_admin,
            "system_scope": None,
        }
        return self._holds(check, target or caller, caller)

    def _holds(self, check: Any, target: Mapping[str, Any], caller: dict[str, Any]) -> bool:
        """Walks a rule's tree; oslo.policy's own walk inspects a signature at every step."""
        if isinstance(check, policy.RuleCheck):
            named = self._rules.get(check.match)
            return named is not None and self._holds(named, target, caller)
        if isinstance(check, policy.AndCheck):
            return all(self._holds(part, target, caller) for part in check.rules)
        if isinstance(check, policy.OrCheck):
            return any(self._holds(part, target, caller) for part in check.rules)
        if isinstance(check, policy.NotCheck):
            return not self._holds(check.rule, target, caller)
        return bool(check(target, caller, self._enforcer))

    def check(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> None:
        if not self.allows(context, rule, target):
            raise errors.PolicyRefused(rule)

    def check_owned(self, context: RequestContext, rule: str, thing: Any) -> None:
        """The same with a loaded row as the target."""
        self.check(context, rule, {"project_id": thing.project_id, "user_id": thing.user_id})
