"""Limits as people write them: YAML, read with the line of whatever is wrong."""

import difflib
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import yaml

from minicloud import errors
from minicloud.api.ratelimit.limit import ALL, PER, UNITS, BadLimit, Limit
from minicloud.api.ratelimit.table import LimitTable

FIELDS: Final = {  # in the order in which they are written; what they are called in `Limit`
    "name": "name",
    "verbs": "verbs",
    "uri": "uri",
    "requirements": "requirements",
    "queries": "queries",
    "use": "use",
    "value": "value",
    "unit": "unit_s",
    "per": "per",
    "class": "limit_class",
}
VERBS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
UNIT_NAMES: Final = tuple(name.upper() for name in UNITS)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


class BadNotation(errors.BadRequest):
    """(where, line, what is wrong and what to do)"""

    text = "{0}, line {1}: {2}"
    code = "BAD_LIMITS_FILE"


class Wrong(Exception):
    """What is wrong with a node of the document; whoever knows more puts it in front."""

    def __init__(self, node: yaml.Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node


def read(text: str, where: str, version: int = 0) -> LimitTable:
    """The table that a document holds; `where` names it. BadNotation says what is wrong."""
    try:
        document = compose(text)
        limits, classes = _document(document)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadNotation(where, line, f"this is no YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        # The last two: "\UFFFFFFFF" is no character, and PyYAML does not look.
        raise BadNotation(where, 1, f"this is no YAML: {error}") from error
    except Wrong as error:
        raise BadNotation(where, error.node.start_mark.line + 1, error) from error
    return LimitTable(limits, classes, version)


def compose(text: str) -> yaml.Node:
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if document is None:
        mark = yaml.Mark("", 0, 0, 0, None, 0)
        nothing = yaml.ScalarNode("", "", mark, mark)
        raise Wrong(nothing, 'there is nothing in it; to have no limits, write "limits: []"')
    return document


def _document(document: yaml.Node) -> tuple[tuple[Limit, ...], dict[str, str]]:
    parts = _mapping(document, ("limits", "classes"))
    if "limits" not in parts:
        raise Wrong(document, 'there is no "limits:"; to have none, write "limits: []"')
    limits: dict[str, Limit] = {}
    for node in _items(parts["limits"], '"limits:"'):
        limit = _limit(node)
        if limit.name in limits:
            raise Wrong(node, f"there are two limits {limit.name!r}: name each its own way")
        limits[limit.name] = limit
    return tuple(limits.values()), _classes(parts.get("classes"))


def _classes(node: yaml.Node | None) -> dict[str, str]:
    if node is None or _is_null(node):
        return {}
    found: dict[str, str] = {}
    for project, value in _mapping(node).items():
        found[project] = _in(f'"classes:", project {project}', _text, value)
    return found


def _limit(node: yaml.Node) -> Limit:
    """One limit; what is wrong with it is told with its name, where that can be read."""
    try:
        parts = _mapping(node, FIELDS)
        for needed in ("name", "value", "unit"):
            if needed not in parts:
                raise Wrong(node, f'it has no "{needed}:"')
        values = {FIELDS[field]: _in(field, _READERS[field], parts[field]) for field in parts}
        return Limit(**{"verbs": frozenset(), "uri": ALL} | values)
    except Wrong as error:
        raise Wrong(error.node, f"{_label(node)}: {error}") from error
    except BadLimit as error:
        raise Wrong(node, f"{_label(node)}: {error.args[1]}") from error


def _label(node: yaml.Node) -> str:
    """What a limit is called, if it says so, whatever else is wrong with it."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "name" and isinstance(value, yaml.ScalarNode):
            return f"limit {value.value!r}"
    return "a limit"


def _in(field: str, reader: Any, node: yaml.Node) -> Any:
    try:
        return reader(node)
    except Wrong as error:
        raise Wrong(error.node, f"{field}: {error}") from error


def _text(node: yaml.Node) -> str:
    """As it is written: a project whose id has digits only is no number."""
    if not isinstance(node, yaml.ScalarNode) or _is_null(node):
        raise Wrong(node, "one word is wanted here")
    return str(node.value)


def _several(node: yaml.Node) -> tuple[str, ...]:
    """A list of words; one alone needs no brackets."""
    if isinstance(node, yaml.ScalarNode):
        return (_text(node),)
    return tuple(_text(item) for item in _items(node, "this"))


def verbs(words: Collection[str]) -> frozenset[str]:
    """Empty for "*". ValueError says what is wrong."""
    found = frozenset(word.upper() for word in words)
    if not found:
        raise ValueError("name a verb; * is all of them")
    for word in found:
        if word not in (ALL, *VERBS):
            raise ValueError(f"there is no verb {word!r}{near(word, VERBS)}; * is all of them")
    return frozenset() if ALL in found else found


def unit_s(word: str) -> int:
    """ValueError says what is wrong."""
    if word.lower() in UNITS:
        return UNITS[word.lower()]
    if not _NUMBER.fullmatch(word):
        known, guess = ", ".join(UNIT_NAMES), near(word.upper(), UNIT_NAMES)
        raise ValueError(f"{word!r} is none of {known}, and no number of seconds{guess}")
    return int(word)


def calls(word: str) -> int:
    """ValueError says what is wrong."""
    if not _NUMBER.fullmatch(word):
        raise ValueError(f"{word!r} is no whole number of calls; 120 would be one")
    return int(word)


def per(word: str) -> str:
    """ValueError says what is wrong."""
    if word not in PER:
        raise ValueError(f"{word!r} is none of {', '.join(sorted(PER))}{near(word, PER)}")
    return word


def _checked(read: Any, check: Any) -> Any:
    """A reader of a node whose value is checked."""

    def reader(node: yaml.Node) -> Any:
        value = read(node)
        try:
            return check(value)
        except ValueError as error:
            raise Wrong(node, str(error)) from error

    return reader


def _requirements(node: yaml.Node) -> dict[str, str]:
    return {name: _in(name, _text, value) for name, value in _mapping(node).items()}


_READERS: Final = {
    "name": _text,
    "verbs": _checked(_several, verbs),
    "uri": _text,
    "requirements": _requirements,
    "queries": _several,
    "use": _several,
    "value": _checked(_text, calls),
    "unit": _checked(_text, unit_s),
    "per": _checked(_text, per),
    "class": _text,
}


def _mapping(node: yaml.Node, known: Collection[str] = ()) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        example = f'"{next(iter(known))}: ..."' if known else '"name: value"'
        raise Wrong(node, f"lines such as {example} are wanted here")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        word = _text(key)
        if known and word not in known:
            raise Wrong(key, f"there is no {word!r} here{near(word, known)}; " + _listed(known))
        if word in found:
            raise Wrong(key, f"{word!r} is here twice")
        found[word] = value
    return found


def _listed(known: Collection[str]) -> str:
    return f"there can be {', '.join(known)}"


def _items(node: yaml.Node, what: str) -> Iterator[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise Wrong(node, f"{what} must be a list: begin each part of it with a dash")
    yield from node.value


def _is_null(node: yaml.Node) -> bool:
    return str(node.tag).endswith(":null")


def near(word: str, known: Collection[str]) -> str:
    """A guess at what was meant, or nothing."""
    found = difflib.get_close_matches(word, list(known), 1)
    found = found or [each for each in known if word and each.startswith(word)]
    return f"; did you mean {found[0]}?" if found else ""
