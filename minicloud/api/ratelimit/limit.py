"""What a rate limit is: so many calls per unit of time, of which verbs, to which addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Self

from routes import Mapper

from minicloud import errors

ALL: Final = "*"
CALLERS: Final = frozenset({"user", "project"})  # whose levels the `rate_limit` filter keeps
PER: Final = CALLERS | {"address"}  # the last is kept by `address_limit`, before anyone is known
DEFAULT_CLASS: Final = "default"  # of every project that the table gives no other
UNITS: Final[Mapping[str, int]] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

MAX_VALUE: Final = 2**26  # calls
MAX_UNIT_S: Final = 366 * 86400
EXACT: Final = 2**53  # Redis' Lua counts in doubles: what is beyond is no longer exact
VERBS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_LONGEST: Final = 255


class BadLimit(errors.BadRequest):
    """(name of the limit, what is wrong with it)"""

    text = "rate limit {0!r}: {1}"
    code = "BAD_RATE_LIMIT"


@dataclass(frozen=True)
class Limit:
    """So many calls per unit of time, and who and what they are counted for.

    `name`          unique and stable: the levels are kept under it, so a limit that is changed
                    keeps its levels, and one that is renamed forgets them
    `verbs`         in capitals; empty: all. HEAD counts as GET
    `uri`           a template in Routes' syntax, held against the path after version and project
                    id ("/servers/{id}/action"); of the identity and image services against their
                    own path ("/v3/auth/tokens"); "*": all
    `value`         calls per unit
    `unit_s`        seconds
    `requirements`  for variables of the template: the regular expression that each must match
    `queries`       parameters which a request must have ("changes-since")
    `use`           variables of the template whose every value has a level of its own
    `per`           who has a level: "user" (project and user), "project", or "address" (the peer
                    of a request that comes without a token or with a wrong one)
    `limit_class`   only callers whose project is in this class ("default": of no other);
                    None: all
    """

    name: str
    verbs: frozenset[str]
    uri: str
    value: int
    unit_s: int
    requirements: Mapping[str, str] = field(default_factory=dict, hash=False)
    queries: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    per: str = "user"
    limit_class: str | None = None

    def __post_init__(self) -> None:
        wrong = _wrong_shape(self) or _wrong_numbers(self) or self._wrong_template()
        if wrong:
            raise BadLimit(str(self.name)[:_LONGEST], wrong)

    @classmethod
    def of(cls, record: Any) -> Self:
        """From a record of a file or store: lists for sets, `unit` by name or in seconds."""
        if not isinstance(record, Mapping):
            raise BadLimit("?", f"not an object: {str(record)[:80]}")
        values = {str(key): value for key, value in record.items()}
        name = values.get("name", "?")
        if "unit" in values and "unit_s" not in values:
            unit = values.pop("unit")
            values["unit_s"] = UNITS.get(unit.lower(), unit) if isinstance(unit, str) else unit
        known = {each.name for each in fields(cls)}
        unknown, missing = sorted(values.keys() - known), sorted(_NEEDED - values.keys())
        if unknown or missing:
            what = f"unknown: {', '.join(unknown)}" if unknown else f"no {', '.join(missing)}"
            raise BadLimit(str(name)[:_LONGEST], what[:_LONGEST])
        verbs = values.get("verbs", ())
        if isinstance(verbs, list | tuple) and all(isinstance(verb, str) for verb in verbs):
            values["verbs"] = frozenset(verb.upper() for verb in verbs if verb != ALL)
        for several in ("queries", "use"):
            if isinstance(values.get(several), list):
                values[several] = tuple(values[several])
        return cls(**values)

    def record(self) -> dict[str, Any]:
        """What `of` reads, ready for JSON."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["verbs"] = sorted(self.verbs)
        values["requirements"] = dict(self.requirements)
        return values | {"queries": list(self.queries), "use": list(self.use)}

    @cached_property
    def unit_us(self) -> int:
        return self.unit_s * 1_000_000

    @cached_property
    def room_us(self) -> int:
        """The largest debt (levels.py) beside which one more call fits."""
        return self.unit_us * (self.value - 1)

    @property
    def verb(self) -> str:
        """For people: "POST", "GET, PUT" or "*"."""
        return ", ".join(sorted(self.verbs)) or ALL

    @property
    def unit(self) -> str:
        """For people, in Nova's words: "MINUTE", or "90 SECONDS" where there is none."""
        for name, seconds in UNITS.items():
            if seconds == self.unit_s:
                return name.upper()
        return f"{self.unit_s} SECONDS"

    @property
    def place(self) -> str:
        """For people: the template, with the parameters that are asked for."""
        return f"{self.uri}?{'&'.join(self.queries)}" if self.queries else self.uri

    @property
    def shape(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What decides which paths fit; limits that have it in common are looked at once."""
        return self.uri, tuple(sorted(self.requirements.items()))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Fits the path, whole; its groups are the variables."""
        if self.uri == ALL:
            return re.compile("(?s:.*)")
        mapper = Mapper(controller_scan=None, register=False, explicit=True)
        mapper.minimization = False
        mapper.connect(None, self.uri, requirements=dict(self.requirements))
        route = mapper.matchlist[0]
        route.makeregexp([])
        pattern: re.Pattern[str] = route.regmatch
        return pattern

    def _wrong_template(self) -> str:
        if self.uri != ALL and not self.uri.startswith("/"):
            return f"uri {self.uri[:80]!r} must begin with / or be *"
        if self.uri.count("{") != self.uri.count("}"):
            return f"uri {self.uri[:80]!r} has a brace without its other"
        try:
            variables = self.pattern.groupindex.keys()
        except (re.error, ValueError, LookupError, OverflowError) as error:
            return f"uri {self.uri[:80]!r} with its requirements is no pattern: {error}"
        for what, names in (("requirements", self.requirements), ("use", self.use)):
            if absent := sorted(set(names) - variables):
                return f"{what}: the uri has no variable {absent[0][:80]!r}"
        return ""


_NEEDED: Final = frozenset({"name", "uri", "value", "unit_s"})


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _wrong_shape(limit: Limit) -> str:
    if not _is_name(limit.name):
        return f"name must be a text of 1 to {_LONGEST} printable characters"
    if not isinstance(limit.verbs, frozenset) or not limit.verbs <= VERBS:
        return f"verbs must be of {', '.join(sorted(VERBS))}"
    if not _is_name(limit.uri):
        return f"uri must be a text of 1 to {_LONGEST} printable characters"
    if not isinstance(limit.per, str) or limit.per not in PER:
        return f"per must be one of {', '.join(sorted(PER))}"
    if not (limit.limit_class is None or _is_name(limit.limit_class)):
        return "limit_class must be a name, or left out"
    if limit.per == "address" and limit.limit_class is not None:
        return "an address is of no class: leave limit_class out"
    for what in ("queries", "use"):
        names = getattr(limit, what)
        if not isinstance(names, tuple) or not all(map(_is_name, names)):
            return f"{what} must be a list of names"
    pairs = limit.requirements
    if not isinstance(pairs, Mapping) or not all(map(_is_name, [*pairs, *pairs.values()])):
        return "requirements must be texts by variable"
    return ""


def _wrong_numbers(limit: Limit) -> str:
    """What the two stores can count alike and exactly."""
    for what, value, most in (
        ("value", limit.value, MAX_VALUE),
        ("unit_s", limit.unit_s, MAX_UNIT_S),
    ):
        if type(value) is not int or not 1 <= value <= most:
            return f"{what} must be a whole number from 1 to {most}"
    if limit.unit_us * (limit.value + 1) >= EXACT:
        most = EXACT // limit.unit_us - 1
        return f"value is more than can be counted exactly with this unit, {most}"
    return ""
