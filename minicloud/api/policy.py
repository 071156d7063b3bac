"""Who may do what: Nova's rules by oslo.policy, and what the operator has written over them."""

from collections.abc import Mapping
from typing import Any, Final

from oslo_config import cfg
from oslo_policy import policy

from minicloud import errors
from minicloud.api.policies import list_rules
from minicloud.api.rulebook.book import Rulebook
from minicloud.api.rulebook.compiled import LOWERED
from minicloud.api.rulebook.explained import Part
from minicloud.api.rulebook.live import LiveRules
from minicloud.context import RequestContext
from minicloud.runtime.clock import Clock, SystemClock

_NOBODY_HAS: Final[Mapping[str, Any]] = {  # under the names of oslo.context
    "domain_id": None,
    "system_scope": None,
    "is_admin_project": True,
}


def enforcer(conf: cfg.ConfigOpts | None = None) -> policy.Enforcer:
    """oslo.policy's own; for the oslopolicy tools, whose command line is parsed into cfg.CONF."""
    made = policy.Enforcer(conf or cfg.CONF)
    made.suppress_deprecation_warnings = True
    made.register_defaults(list_rules())
    return made


class Policy:
    """Rules in code, overridden by files. A name that no rule bears is refused.

    Scope is the project: tokens for the whole system or a domain do not exist here.
    """

    def __init__(self, conf: cfg.ConfigOpts, clock: Clock | None = None) -> None:
        """CannotStart when a file of the operator's cannot be taken."""
        known = enforcer(conf)
        self._live = LiveRules(conf, known.registered_rules, known, clock or SystemClock())

    @property
    def book(self) -> Rulebook:
        return self._live.book

    def refresh(self) -> Rulebook:
        """Take changes of the files; once at the beginning of each request, whose rules those are
        until it ends: no two of its questions are answered by different files."""
        self._live.refresh()
        return self._live.book

    def names(self) -> frozenset[str]:
        return self._live.book.names()

    def allows(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> bool:
        """`target` is what is acted on; without one, something of the caller's own."""
        caller = facts_of(context)
        book = self._rules_of(context)
        return book.allows(rule, own(caller) if target is None else target, caller)

    def explain(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> Part:
        """The same verdict with its reasons."""
        caller = facts_of(context)
        book = self._rules_of(context)
        return book.explain(rule, own(caller) if target is None else target, caller)

    def _rules_of(self, context: RequestContext) -> Rulebook:
        rules = context.rules
        return rules if isinstance(rules, Rulebook) else self._live.book

    def check(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> None:
        if not self.allows(context, rule, target):
            raise errors.PolicyRefused(rule)

    def check_owned(self, context: RequestContext, rule: str, thing: Any) -> None:
        """The same with a loaded row as the target."""
        self.check(context, rule, owner(thing))


def owner(thing: Any) -> dict[str, Any]:
    """A loaded row as the target of a rule."""
    return {"project_id": thing.project_id, "user_id": thing.user_id}


def facts_of(context: RequestContext) -> dict[str, Any]:
    """What rules can ask of a caller."""
    return {
        **_NOBODY_HAS,
        "user_id": context.user_id,
        "user_domain_id": context.user_domain_id,
        "project_id": context.project_id,
        "project_domain_id": context.project_domain_id,
        "roles": context.roles,
        "is_admin": context.is_admin,
        "service_user_id": context.service_user_id,
        "service_user_domain_id": context.service_user_domain_id,
        "service_project_id": context.service_project_id,
        "service_project_domain_id": context.service_project_domain_id,
        "service_roles": context.service_roles,
        LOWERED: [role.lower() for role in context.roles],
    }


def own(caller: Mapping[str, Any]) -> dict[str, Any]:
    return {"project_id": caller["project_id"], "user_id": caller["user_id"]}
