"""Rules as functions: oslo.policy's verdicts without its reading a rule's text at each request."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from oslo_policy import policy

from minicloud.api.rulebook.texts import ATTRIBUTES, FIELD

Facts = Mapping[str, Any]
Verdict = Callable[[Facts, Facts], bool]  # of target and caller
LOWERED: Final = "roles in lower case"  # a caller's, beside those that oslo.policy looks at
_ROLE: Final = type(policy.RuleDefault("rule", "role:admin").check)
_GENERIC: Final = type(policy.RuleDefault("rule", "user_id:%(user_id)s").check)
_ARGS_WITH_RULE: Final = 5  # self, target, caller, enforcer and the rule's name


class Compiled:
    """The rules that `find` finds; those that are never asked for cost nothing.

    They may not refer to each other in a circle. `enforcer` is for checks that others made.
    """

    def __init__(self, find: Callable[[str], Any], enforcer: Any) -> None:
        self._find, self._enforcer = find, enforcer
        self._made: dict[tuple[str, str], Verdict] = {}

    def of(self, name: str) -> Verdict:
        return self._made.get((name, name)) or self._named(name, name)

    def _named(self, name: str, rule: str) -> Verdict:
        """What `name` stands for where `rule` is asked for."""
        made = self._made.get((name, rule))
        if made is None:
            check = self._find(name)
            made = _never if check is None else self.of_check(check, rule)
            self._made[name, rule] = made
        return made

    def of_check(self, check: Any, rule: str) -> Verdict:
        """Exact types: what somebody made of them has a mind of its own."""
        kind = type(check)
        if kind is policy.OrCheck:
            return _any([self.of_check(part, rule) for part in check.rules])
        if kind is policy.AndCheck:
            return _all([self.of_check(part, rule) for part in check.rules])
        if kind is policy.NotCheck:
            return _not(self.of_check(check.rule, rule))
        if kind is policy.RuleCheck:
            return self._named(check.match, rule)
        if kind is _ROLE and "%" not in check.match:
            return _role(check.match.lower())
        field = FIELD.fullmatch(check.match) if kind is _GENERIC else None
        if field and check.kind in ATTRIBUTES:
            return _same(check.kind, field[1])
        return self._asked(check, rule)

    def _asked(self, check: Any, rule: str) -> Verdict:
        """As oslo.policy asks: some checks want to know for which rule."""
        more = [self._enforcer]
        if len(inspect.getfullargspec(check.__call__).args) >= _ARGS_WITH_RULE:
            more.append(rule)
        return lambda target, caller: bool(check(target, dict(caller), *more))


def _never(_target: Facts, _caller: Facts) -> bool:
    return False


def _any(verdicts: list[Verdict]) -> Verdict:
    def holds(target: Facts, caller: Facts) -> bool:
        for verdict in verdicts:  # noqa: SIM110 (a third faster than any())
            if verdict(target, caller):
                return True
        return False

    return holds


def _all(verdicts: list[Verdict]) -> Verdict:
    def holds(target: Facts, caller: Facts) -> bool:
        for verdict in verdicts:  # noqa: SIM110
            if not verdict(target, caller):
                return False
        return True

    return holds


def _not(verdict: Verdict) -> Verdict:
    return lambda target, caller: not verdict(target, caller)


def _role(name: str) -> Verdict:
    return lambda _target, caller: name in caller[LOWERED]


def _same(attribute: str, field: str) -> Verdict:
    def holds(target: Facts, caller: Facts) -> bool:
        if field not in target or attribute not in caller:
            return False
        wanted, has = str(target[field]), caller[attribute]
        if isinstance(has, list):
            return any(wanted == str(one) for one in has)
        return wanted == str(has)

    return holds
