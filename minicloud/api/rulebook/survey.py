"""The policy as a whole: which rule stands for which requests, and what each persona may."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from minicloud.api.faults import RouteNotFound, WrongMethod
from minicloud.api.matching import RouteMap
from minicloud.api.policies.extensions import GONE
from minicloud.api.policy import Policy
from minicloud.api.routes import ALL
from minicloud.api.row import Row
from minicloud.api.rulebook.texts import near
from minicloud.api.versions import MAX
from minicloud.context import RequestContext
from minicloud.db.roles import effective
from minicloud.errors import CannotStart

PERSONAS: Final[Mapping[str, tuple[str, ...]]] = {
    name: effective([name]) for name in ("admin", "manager", "member", "reader", "service")
}
_SECOND_ADDRESS: Final = "/os-volumes_boot"  # the same rows as /servers
_MOUNT: Final = re.compile(r"/v2(\.1)?(?=/)")
_ACTION: Final = re.compile(r"(?P<path>\S+)\s*(?:\((?P<key>[^)]+)\))?")


@dataclass(frozen=True)
class RuleLine:
    """`check` is what counts, with all rules put in; `overridden`: by which file and line."""

    rule: str
    check: str
    default: str
    overridden: str
    operations: tuple[str, ...]


@dataclass(frozen=True)
class RouteLine:
    """What a caller gets of a route: for things of its own, and for those of another project."""

    operation: str
    rule: str
    own: bool
    others: bool


def caller(
    roles: Iterable[str], user: str = "somebody", project: str = "a-project"
) -> RequestContext:
    made = RequestContext(user_id=user, project_id=project, roles=list(roles), overwrite=False)
    made.is_admin = False
    return made


def judged(policy: Policy, context: RequestContext) -> RequestContext:
    """As the filters make it: whether this is an administrator, is for a rule to say."""
    context.is_admin = policy.allows(context, "context_is_admin")
    return context


def rules(policy: Policy, words: Iterable[str] = ()) -> Iterator[RuleLine]:
    """Those of which every word is a part, of the name or an operation."""
    book, served = policy.book, _served()
    for name in sorted(book.names()):
        default = book.defaults.get(name)
        documented = [f"{o['method']} {o['path']}" for o in getattr(default, "operations", ())]
        operations = tuple(served.get(name, documented))
        text = " ".join((name, *operations)).lower()
        if all(word.lower() in text for word in words):
            override = book.overrides.get(name)
            yield RuleLine(
                name,
                book.resolved(name),
                default.check_str if default is not None else "",
                override.file if override else "",
                operations,
            )


def routes(policy: Policy, context: RequestContext) -> Iterator[RouteLine]:
    others = {"project_id": "another-project", "user_id": "somebody-else"}
    for row in _rows():
        yield RouteLine(
            _operation(row),
            row.rule,
            policy.allows(context, row.rule),
            policy.allows(context, row.rule, others),
        )


def meant(policy: Policy, text: str) -> list[Row | str]:
    """The rule of this name, or the routes of "VERB PATH" (of an action: "(key)" behind it)."""
    verb, _, rest = text.strip().partition(" ")
    if not rest:
        if verb not in policy.names():
            raise CannotStart(f"there is no rule {verb!r}{near(verb, policy.names())}")
        return [verb]
    found = _ACTION.fullmatch(rest.strip())
    if found is None:
        raise CannotStart(f"{text!r}: write a rule, or VERB PATH, or VERB PATH (action)")
    path = _MOUNT.sub("", found["path"], count=1)
    rows = _matching(policy, verb.upper(), path)
    named = [row for row in rows if found["key"] in (None, row.key)]
    if not named:
        keys = {row.key for row in rows if row.key}
        raise CannotStart(f"{path} has no action {found['key']!r}{near(found['key'], keys)}")
    return list(dict.fromkeys(named))


def _matching(policy: Policy, verb: str, path: str) -> list[Row]:
    """The newest version's; else those of the last version that had it."""
    routes = RouteMap(ALL, policy.names())
    for version in range(MAX, 0, -1):
        try:
            return list(routes.match(verb, path, version).rows)
        except WrongMethod as error:
            raise CannotStart(f"{path} knows {', '.join(error.args)}, and no {verb}") from None
        except RouteNotFound:
            continue
    raise CannotStart(f"there is no route {verb} {path}: `policy list` shows all of them")


def _rows() -> Iterator[Row]:
    for row in ALL:
        if row.rule != GONE and not row.path.startswith(_SECOND_ADDRESS):
            yield row


def _served() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _rows():
        known = found.setdefault(row.rule, [])
        if _operation(row) not in known:
            known.append(_operation(row))
    return found


def _operation(row: Row) -> str:
    return f"{row.verb} {row.path}" + (f" ({row.key})" if row.key else "")
