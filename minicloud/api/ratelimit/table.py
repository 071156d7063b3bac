"""All limits together, and which of them a request comes under."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from minicloud.api.ratelimit.limit import ALL, CALLERS, DEFAULT_CLASS, VERBS, BadLimit, Limit

Matched = tuple[Limit, Mapping[str, str]]  # with the variables of its template
_Ordered = tuple[int, Limit]
_NAMELESS: Final[Mapping[str, str]] = {}
_NONE: Final[Mapping[object, list[_Ordered]]] = {}
_ANY_OTHER: Final = ""  # verb


@dataclass(frozen=True)
class LimitTable:
    """Immutable; a change is another table with another version.

    `limits`   in the order in which they are shown
    `classes`  project id -> the name of its class; who is not here is of the class "default"
    `version`  rises with every change; 0: there is none to compare with
    """

    limits: tuple[Limit, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict, hash=False)
    version: int = 0

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for limit in self.limits:
            if limit.name in seen:
                raise BadLimit(limit.name, "there is another of this name")
            seen.add(limit.name)
        for project, name in self.classes.items():
            if not (isinstance(project, str) and project and isinstance(name, str) and name):
                raise BadLimit("classes", f"a project's class must be a name: {project!r}")

    def class_of(self, project_id: str | None) -> str:
        return self.classes.get(project_id or "", DEFAULT_CLASS)

    def matching(
        self, verb: str, path: str, queries: Collection[str], limit_class: str | None
    ) -> list[Matched]:
        """The limits that a caller of this class comes under with this request."""
        found = self._callers.matching(verb, path, queries)
        mine = (None, limit_class or DEFAULT_CLASS)
        return [each for each in found if each[0].limit_class in mine]

    def matching_address(
        self, verb: str, path: str, queries: Collection[str] = ()
    ) -> list[Matched]:
        """The limits that an unknown peer comes under with this request."""
        return self._addresses.matching(verb, path, queries)

    def of_class(self, limit_class: str | None) -> list[Limit]:
        """The limits that a caller of this class can come under at all."""
        mine = (None, limit_class or DEFAULT_CLASS)
        return [each for each in self.limits if each.per in CALLERS and each.limit_class in mine]

    @cached_property
    def asks_queries(self) -> bool:
        """Whether it matters to a caller's limits which parameters a request has."""
        return any(each.queries for each in self.limits if each.per in CALLERS)

    @cached_property
    def _callers(self) -> "_Index":
        return _Index(each for each in self.limits if each.per in CALLERS)

    @cached_property
    def _addresses(self) -> "_Index":
        return _Index(each for each in self.limits if each.per not in CALLERS)


class _Index:
    """Limits by verb and by what their templates begin with; a template is looked at once."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._shapes: dict[tuple[str, str], dict[object, list[_Ordered]]] = {}
        for order, limit in enumerate(limits):
            for verb in _verbs(limit):
                shapes = self._shapes.setdefault((verb, _beginning(limit.uri)), {})
                shapes.setdefault(limit.shape, []).append((order, limit))

    def matching(self, verb: str, path: str, queries: Collection[str]) -> list[Matched]:
        verb = "GET" if verb == "HEAD" else verb if verb in VERBS else _ANY_OTHER
        found: list[tuple[int, Limit, Mapping[str, str]]] = []
        for beginning in {"", _segment(path)}:
            for limits in self._shapes.get((verb, beginning), _NONE).values():
                variables = _variables(limits[0][1], path)
                if variables is not None:
                    found += [
                        (order, each, variables)
                        for order, each in limits
                        if not each.queries or all(name in queries for name in each.queries)
                    ]
        if len(found) > 1:
            found.sort(key=_order)
        return [(limit, variables) for _, limit, variables in found]


def _order(found: tuple[int, Limit, Mapping[str, str]]) -> int:
    return found[0]


def _verbs(limit: Limit) -> Iterable[str]:
    """GET stands for HEAD; a limit of all verbs is one of those that nobody knows, too."""
    if not limit.verbs:
        return (VERBS - {"HEAD"}) | {_ANY_OTHER}
    return {"GET" if verb == "HEAD" else verb for verb in limit.verbs}


def _variables(limit: Limit, path: str) -> Mapping[str, str] | None:
    if limit.uri == ALL:
        return _NAMELESS
    fits = limit.pattern.fullmatch(path)
    return None if fits is None else fits.groupdict()


def _segment(path: str) -> str:
    return path[1:].partition("/")[0]


def _beginning(uri: str) -> str:
    """The first segment where it is spelled out; "" where it may be anything."""
    first = _segment(uri)
    return first if first.replace("-", "").replace("_", "").isalnum() and uri != ALL else ""
