"""From a path to the rows of routes.py, by Routes' mapper; built once."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from routes import Mapper

from minicloud.api.faults import RouteNotFound, WrongMethod
from minicloud.api.row import Row
from minicloud.errors import MinicloudError

MATCH_KEY: Final = "minicloud.match"
_VARIABLE: Final = re.compile(r"\{[^}]*\}")
_LONGEST_REF: Final = 255


@dataclass(frozen=True)
class Match:
    """What a path and verb stand for: one row, or the actions that the body chooses from."""

    rows: tuple[Row, ...]
    args: dict[str, str]


class RouteMap:
    def __init__(self, rows: Iterable[Row], rules: Collection[str]) -> None:
        self._verbs: dict[str, dict[str, list[Row]]] = {}
        self._shapes: dict[str, str] = {}
        self._mapper = Mapper(controller_scan=None, register=False, explicit=True)
        self._mapper.minimization = False
        for row in rows:
            self._add(row, rules)
        # What is spelled out goes before what stands for anything.
        for path in sorted(self._verbs, key=lambda path: path.replace("{", "~")):
            self._mapper.connect(None, path, template=path)
        self._mapper.create_regs([])

    def _add(self, row: Row, rules: Collection[str]) -> None:
        if row.rule not in rules:
            raise LookupError(f"{row.verb} {row.path} has no policy rule: {row.rule}")
        shape = _VARIABLE.sub("{}", row.path)
        if self._shapes.setdefault(shape, row.path) != row.path:
            raise LookupError(f"{row.path} hides {self._shapes[shape]}: name them alike")
        self._verbs.setdefault(row.path, {}).setdefault(row.verb, []).append(row)

    def match(self, verb: str, path: str, version: int) -> Match:
        args = self._mapper.match(path)
        if args is None or any(not _can_name(ref) for ref in args.values()):
            raise RouteNotFound
        verbs = self._verbs[args.pop("template")]
        rows = verbs.get("GET" if verb == "HEAD" else verb)
        if rows is None:
            here = [one for one in verbs if any(row.at(version) for row in verbs[one])]
            raise WrongMethod(*sorted(here or verbs))
        if rows[0].key is None:
            rows = [row for row in rows if row.at(version)]
        if not rows:
            raise RouteNotFound
        return Match(tuple(rows), args)


def _can_name(ref: str) -> bool:
    """Whether anything can bear this name; what cannot is not worth a question to a database."""
    return len(ref) <= _LONGEST_REF and ref.isprintable()


def environ_match(environ: dict[str, Any]) -> Match:
    """What the request stands for; an error when that is nothing."""
    match: Match | MinicloudError = environ[MATCH_KEY]
    if isinstance(match, MinicloudError):
        raise match
    return match
