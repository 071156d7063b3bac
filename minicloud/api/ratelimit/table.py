"""All limits together, and which of them a request comes under."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from minicloud.api.ratelimit.limit import ALL, CALLERS, DEFAULT_CLASS, BadLimit, Limit

Matched = tuple[Limit, Mapping[str, str]]  # with the variables of its template
_NAMELESS: Final[Mapping[str, str]] = {}


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
    """Limits by what their templates begin with, each template looked at once per path."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._order: dict[str, int] = {}
        self._shapes: dict[str, dict[object, list[Limit]]] = {}
        for limit in limits:
            self._order[limit.name] = len(self._order)
            shapes = self._shapes.setdefault(_beginning(limit.uri), {})
            shapes.setdefault(limit.shape, []).append(limit)

    def matching(self, verb: str, path: str, queries: Collection[str]) -> list[Matched]:
        if not self._order:
            return []
        verb = "GET" if verb == "HEAD" else verb
        found: list[Matched] = []
        for beginning in {"", _segment(path)}:
            for limits in self._shapes.get(beginning, {}).values():
                apply = [each for each in limits if _asks(each, verb, queries)]
                variables = _variables(apply[0], path) if apply else None
                if variables is not None:
                    found += [(each, variables) for each in apply]
        found.sort(key=lambda each: self._order[each[0].name])
        return found


def _asks(limit: Limit, verb: str, queries: Collection[str]) -> bool:
    if limit.verbs and verb not in limit.verbs and not (verb == "GET" and "HEAD" in limit.verbs):
        return False
    return all(name in queries for name in limit.queries)


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
