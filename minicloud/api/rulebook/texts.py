"""A rule's text, read by oslo.policy after it is clear that oslo.policy will understand it.

By itself it takes a check that it cannot read for one that never holds, and says so in a
traceback; under a `not` that opens what was meant to be closed.
"""

import ast
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from oslo_policy import policy
from stevedore import ExtensionManager

ATTRIBUTES: Final = frozenset(  # what a caller has, under the names of oslo.context
    {
        *("user_id", "user_domain_id", "project_id", "project_domain_id", "domain_id"),
        *("roles", "is_admin", "is_admin_project", "system_scope"),
        *("service_user_id", "service_user_domain_id", "service_roles"),
        *("service_project_id", "service_project_domain_id"),
    }
)
FIELD: Final = re.compile(r"%\(([^()]*)\)s")
_OPERATORS: Final = frozenset({"and", "or"})
_QUOTES: Final = "\"'"
_DEEPEST: Final = 50


class BadRule(ValueError):
    """What cannot be taken for a rule, and why."""


def read(text: object) -> Any:
    """The check that a text (or a list of lists, the old form) stands for."""
    try:
        if isinstance(text, str):
            _inspect(text)
        elif isinstance(text, list):
            _inspect_list(text)
        else:
            raise BadRule(
                f"a rule is a text, as 'role:admin', and not {_shown(text)}; '@' allows everybody"
            )
        check = policy.RuleDefault("rule", text).check
    except RecursionError:
        raise BadRule("it is nested too deeply") from None
    _refuse_depth(check, _DEEPEST)
    return check


def near(name: str, names: frozenset[str] | set[str]) -> str:
    """ ", did you mean ...?", or nothing."""
    found = get_close_matches(name, sorted(names), n=3, cutoff=0.75)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def parts(check: Any) -> tuple[Any, ...]:
    """What `and`, `or` and `not` put together; nothing for a single check."""
    if isinstance(check, policy.AndCheck | policy.OrCheck):
        return tuple(check.rules)
    return (check.rule,) if isinstance(check, policy.NotCheck) else ()


def _refuse_depth(check: Any, left: int) -> None:
    if not left:
        raise BadRule("it is nested too deeply")
    for part in parts(check):
        _refuse_depth(part, left - 1)


def leaves(check: Any) -> Iterator[Any]:
    below = parts(check)
    if not below:
        yield check
    for part in below:
        yield from leaves(part)


def _inspect(text: str) -> None:
    """Whether it is checks, joined by and, or, not and brackets."""
    if not text:
        return  # by oslo.policy everybody is allowed
    depth, wanted = 0, True  # wanted: a check comes next, and not an operator
    for token in _tokens(text):
        word = token.lower()
        if wanted != (token == "(" or word == "not" or not _joins(token)):
            raise BadRule(f"{token[:64]!r} is out of place in {text[:255]!r}")
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        elif word in _OPERATORS:
            wanted = True
        elif word != "not":
            _inspect_check(token)
            wanted = False
        if depth < 0:
            break
    if depth:
        raise BadRule(f"the brackets of {text[:255]!r} do not match")
    if wanted:
        raise BadRule(f"{text[:255]!r} ends where a check should follow")


def _joins(token: str) -> bool:
    return token == ")" or token.lower() in _OPERATORS


def _tokens(text: str) -> Iterator[str]:
    for word in text.split():
        bare = word.lstrip("(")
        core = bare.rstrip(")")
        yield from "(" * (len(word) - len(bare))
        if core:
            yield core
        yield from ")" * (len(bare) - len(core))


def _inspect_list(rule: list[Any]) -> None:
    for inner in rule:
        for check in inner if isinstance(inner, list) else [inner]:
            if not isinstance(check, str):
                raise BadRule(f"in a list a check is a text, and not {_shown(check)}")
            _inspect_check(check)


def _inspect_check(text: str) -> None:
    if text in ("!", "@"):
        return
    kind, colon, match = text.partition(":")
    if not colon:
        raise BadRule(
            f"{text[:64]!r} is no check: it is written kind:value, as role:admin, "
            "rule:context_is_admin or user_id:%(user_id)s"
        )
    if text[0] in _QUOTES and text[-1] == text[0]:
        raise BadRule(f"{text[:64]!r}: write the value without quotes")
    if kind == "rule" or kind in _kinds_of_others():
        return
    if kind != "role" and kind not in ATTRIBUTES and not _is_literal(kind):
        known = ATTRIBUTES | {"role", "rule"}
        raise BadRule(f"there is no check of the kind {kind[:64]!r}{near(kind, known)}")
    if "%" in FIELD.sub("", match).replace("%%", ""):
        raise BadRule(f"{text[:64]!r}: a field of the target is written %(name)s")


def _is_literal(kind: str) -> bool:
    """As True:%(user.enabled)s or 'admin':%(role.name)s."""
    try:
        ast.literal_eval(kind)
    except ValueError:
        return False
    except (SyntaxError, TypeError, MemoryError):
        raise BadRule(f"there is no check of the kind {kind[:64]!r}") from None
    return True


@cache
def _kinds_of_others() -> frozenset[str]:
    """What oslo.policy (http, https) and installed packages add."""
    return frozenset(ExtensionManager("oslo.policy.rule_checks").names())


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:64]!r}"
