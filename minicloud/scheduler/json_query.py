"""The hint `query`: an expression over the facts of hosts, in JSON (SEMANTICS section 9).

query := [] | [op, arg, ...]        arg := query | "$name" | "$name.key.key" | a JSON value
op    := "=" | "<" | ">" | "<=" | ">=" | "in" | "not" | "and" | "or"
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

COMPARISONS: Final = frozenset({"=", "<", ">", "<=", ">=", "in"})
OPERATORS: Final = COMPARISONS | {"not", "and", "or"}
MAX_DEPTH: Final = 16
MAX_ARGUMENTS: Final = 256  # in all of a query
MAX_PARTS: Final = 32  # operators and facts in all: what is worked out for every host


class BadQuery(ValueError):
    """What is wrong with a query, for whoever wrote it."""


@dataclass(frozen=True)
class Fact:
    path: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    value: Any

    def __hash__(self) -> int:
        return hash(repr(self.value))  # it may be an object or, of a host, a list


@dataclass(frozen=True)
class Call:
    operator: str
    arguments: tuple["Argument", ...]


Argument = Fact | Constant | Call
HOST: Final = Fact(("host",))
ALWAYS: Final = Call("and", ())
TRUE: Final = Constant(True)
FALSE: Final = Constant(False)


@lru_cache(maxsize=256)
def parsed(text: str) -> Call:
    """The query that a text is; BadQuery for what is none, or is too deep or long."""
    try:
        value = orjson.loads(text) if text else []
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"query is not JSON: {error}") from None
    if not value:
        return ALWAYS
    if not isinstance(value, list):
        raise BadQuery('query must be a list, as [">=", "$free_ram_mb", 1024]')
    return _Reader().call(value, 1)


def hosts_of(call: Call) -> list[str]:
    """The names that a query asks for: constants that "=" and "in" compare with the host's."""
    found = [name for one in call.arguments if isinstance(one, Call) for name in hosts_of(one)]
    if call.operator in ("=", "in") and HOST in call.arguments:
        texts = (one.value for one in call.arguments if isinstance(one, Constant))
        found += [text for text in texts if isinstance(text, str)]
    return found


def facts_of(call: Call) -> list[tuple[str, ...]]:
    """The paths that a query asks for, each once, in its order."""
    found: dict[tuple[str, ...], None] = {}
    for argument in call.arguments:
        if isinstance(argument, Fact):
            found[argument.path] = None
        elif isinstance(argument, Call):
            found |= dict.fromkeys(facts_of(argument))
    return list(found)


class _Reader:
    def __init__(self) -> None:
        self._arguments = self._parts = 0

    def call(self, value: list[Any], depth: int) -> Call:
        operator, *arguments = value
        if not isinstance(operator, str) or operator not in OPERATORS:
            known = " ".join(sorted(OPERATORS))
            raise BadQuery(f"query has no operator {str(operator)[:32]!r}; known are {known}")
        if depth > MAX_DEPTH:
            raise BadQuery(f"query is deeper than {MAX_DEPTH}")
        self._count_part()
        self._arguments += len(arguments)
        if self._arguments > MAX_ARGUMENTS:
            raise BadQuery(f"query has more than {MAX_ARGUMENTS} arguments")
        return Call(operator, tuple(self._argument(each, depth) for each in arguments))

    def _argument(self, value: Any, depth: int) -> Argument:
        if isinstance(value, list):
            return self.call(value, depth + 1) if value else ALWAYS
        if isinstance(value, str) and value.startswith("$"):
            self._count_part()
            return Fact(tuple(value[1:].split(".")))
        return Constant(None if value == "" else value)  # no text is nothing, as in Nova

    def _count_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadQuery(f"query has more than {MAX_PARTS} operators and facts")
