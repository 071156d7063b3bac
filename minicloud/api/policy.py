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

_UNKNOWN: Final[Mapping[str, Any]] = {  # what nobody here has, under the names of oslo.context
    "domain_id": None,
    "system_scope": None,
    "is_admin_project": True,
    "service_user_id": None,
    "service_user_domain_id": None,
    "service_project_id": None,
    "service_project_domain_id": None,
    "service_roles": [],
}


def enforcer() -> policy.Enforcer:
    """For the oslopolicy tools, which have parsed their command line into cfg.CONF."""
    return _enforcer(cfg.CONF)


class Policy:
    """Rules in code, overridden by files. A name that no rule bears is refused.

    Scope is the project: tokens for the whole system or a domain do not exist here.
    """

    def __init__(self, conf: cfg.ConfigOpts, clock: Clock | None = None) -> None:
        """CannotStart when a file of the operator's cannot be taken."""
        known = _enforcer(conf)
        self._live = LiveRules(conf, known.registered_rules, known, clock or SystemClock())

    @property
    def book(self) -> Rulebook:
        return self._live.book

    def refresh(self) -> None:
        """Take changes of the files; once at the beginning of each request."""
        self._live.refresh()

    def names(self) -> frozenset[str]:
        return self._live.book.names()

    def allows(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> bool:
        """`target` is what is acted on; without one, something of the caller's own."""
        caller = caller_of(context)
        return self._live.book.allows(rule, own(caller) if target is None else target, caller)

    def explain(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> Part:
        """The same verdict with its reasons."""
        caller = caller_of(context)
        return self._live.book.explain(rule, own(caller) if target is None else target, caller)

    def check(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> None:
        if not self.allows(context, rule, target):
            raise errors.PolicyRefused(rule)

    def check_owned(self, context: RequestContext, rule: str, thing: Any) -> None:
        """The same with a loaded row as the target."""
        self.check(context, rule, {"project_id": thing.project_id, "user_id": thing.user_id})


def caller_of(context: RequestContext) -> dict[str, Any]:
    """What rules can ask of a caller."""
    return {
        **_UNKNOWN,
        "user_id": context.user_id,
        "user_domain_id": context.user_domain_id,
        "project_id": context.project_id,
        "project_domain_id": context.project_domain_id,
        "roles": context.roles,
        "is_admin": context.is_admin,
        LOWERED: [role.lower() for role in context.roles],
    }


def own(caller: Mapping[str, Any]) -> dict[str, Any]:
    return {"project_id": caller["project_id"], "user_id": caller["user_id"]}


def _enforcer(conf: cfg.ConfigOpts) -> policy.Enforcer:
    made = policy.Enforcer(conf)
    made.suppress_deprecation_warnings = True
    made.register_defaults(list_rules())
    return made
