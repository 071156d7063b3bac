"""Why a rule allows or refuses: its parts as a tree, each with its own verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oslo_policy import policy

from minicloud.api.rulebook.compiled import Compiled, Facts
from minicloud.api.rulebook.texts import FIELD, parts


@dataclass(frozen=True)
class Part:
    text: str
    holds: bool
    note: str = ""
    parts: tuple["Part", ...] = ()


def deciding(part: Part) -> tuple[Part, ...]:
    """The single checks that made the verdict: without them it would be another."""
    same = [one for one in part.parts if one.holds is part.holds]
    if not part.parts:
        return (part,)
    if part.text == "not":
        return deciding(part.parts[0])
    if part.holds is (part.text == "any of"):
        same = same[:1]  # the first that holds is enough for `or`, the first that fails for `and`
    return tuple(leaf for one in same for leaf in deciding(one))


class Explanation:
    def __init__(self, find: Callable[[str], Any], enforcer: Any) -> None:
        self._find, self._enforcer = find, enforcer

    def of(self, name: str, target: Facts, caller: Facts) -> Part:
        return self._part(policy.RuleCheck("rule", name), name, target, caller)

    def _part(self, check: Any, rule: str, target: Facts, caller: Facts) -> Part:
        below = parts(check)
        note = ""
        if isinstance(check, policy.RuleCheck):
            named = self._find(check.match)
            below = () if named is None else (named,)
            note = "there is no such rule" if named is None else ""
        verdict = Compiled(self._find, self._enforcer).of_check(check, rule)
        holds, trouble = _asked(verdict, target, caller)
        explained = tuple(self._part(part, rule, target, caller) for part in below)
        if not below:
            note = trouble or note or _note(check, target, caller)
        return Part(_text(check), holds, note, explained)


def _asked(verdict: Any, target: Facts, caller: Facts) -> tuple[bool, str]:
    try:
        return bool(verdict(target, caller)), ""
    except Exception as error:  # a check of others, that cannot be asked
        return False, f"it cannot be asked: {error}"


def _text(check: Any) -> str:
    if isinstance(check, policy.AndCheck):
        return "all of"
    if isinstance(check, policy.OrCheck):
        return "any of"
    return "not" if isinstance(check, policy.NotCheck) else str(check)


def _note(check: Any, target: Facts, caller: Facts) -> str:
    text = str(check)
    if text == "@":
        return "everybody"
    if text == "!":
        return "nobody"
    kind, _, match = text.partition(":")
    if kind == "role":
        return f"the roles are {', '.join(caller['roles']) or 'none'}"
    if kind == "rule":
        return "there is no such rule"
    absent = [name for name in FIELD.findall(match) if name not in target]
    if absent:
        return f"the target has no {' and no '.join(absent)}"
    if kind in caller:
        return f"the caller's is {caller[kind]}, asked for is {match % target}"
    return ""
