"""Reads the limits of an old Nova: `(POST, "*", .*, 10, MINUTE);(POST, "*/servers", ...)`.

Nova held the expression against the beginning of the whole URL, so that `^/servers` never fitted.
What was meant is read: the path after version and project id, or a parameter of the query.
"""

import re
from collections.abc import Iterator
from typing import Final

from minicloud import errors
from minicloud.api.ratelimit import notation
from minicloud.api.ratelimit.limit import ALL, BadLimit, Limit

_PARAMETER: Final = re.compile(r"\.\*([a-z][a-z0-9_-]*)(\.\*)?")
_ANYTHING: Final = frozenset({"", ".*", "^.*", "^/.*", "^/", "^.*$"})
_PLAIN_PATH: Final = re.compile(r"(/[A-Za-z0-9_-]+)+")
_REST: Final = "rest"
_FORM: Final = '(VERB, "URI", EXPRESSION, VALUE, UNIT)'


class BadNovaLimit(errors.BadRequest):
    """(which, what it says, what is wrong)"""

    text = "limit {0} of the text, {1}: {2}"
    code = "BAD_NOVA_LIMIT"


def read(text: str) -> list[Limit]:
    """Named after verb and URI, as `nova-post-servers`. BadNovaLimit says what is wrong."""
    found: dict[str, Limit] = {}
    for number, part in enumerate(_parts(text), 1):
        try:
            limit = _limit(part, found)
        except BadLimit as error:
            raise BadNovaLimit(number, part[:80], error.args[1]) from error
        except ValueError as error:
            raise BadNovaLimit(number, part[:80], error) from error
        found[limit.name] = limit
    if not found:
        raise BadNovaLimit(1, repr(text[:80]), f"{_FORM} is wanted, several with ; between")
    return list(found.values())


def _parts(text: str) -> Iterator[str]:
    """At semicolons behind a parenthesis; others may be of an expression."""
    for part in re.split(r"(?<=\))\s*;\s*", text.strip()):
        if part:
            yield part


def _limit(part: str, known: dict[str, Limit]) -> Limit:
    if not (part.startswith("(") and part.endswith(")")):
        raise ValueError(f"{_FORM} is wanted, several with ; between")
    words = part[1:-1].split(",")
    if len(words) < 5:
        raise ValueError(f"five parts are wanted: {_FORM}")
    verb, display, *_, value, unit = (word.strip() for word in words)
    expression = ",".join(words[2:-2]).strip()
    if not value.isdecimal():
        raise ValueError(f"value: {value!r} is no whole number of calls")
    uri, requirements, queries = _matched(_unquoted(expression))
    return Limit(
        name=_name(verb, _unquoted(display), known),
        verbs=notation.verbs([_unquoted(verb)]),
        uri=uri,
        requirements=requirements,
        queries=queries,
        value=int(value),
        unit_s=notation.unit_s(_unquoted(unit)),
    )


def _matched(expression: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """The template, requirements and parameters for what the expression fits."""
    if expression in _ANYTHING:
        return ALL, {}, ()
    if parameter := _PARAMETER.fullmatch(expression):
        return ALL, {}, (parameter[1],)
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"{expression!r} is no regular expression: {error}") from error
    path = expression.removeprefix("^")
    if not path.startswith("/"):
        raise ValueError(
            f"the expression {expression!r} does not begin with ^/ and is no .*parameter.*: "
            "say with `limits set` which addresses are meant"
        )
    whole = path.endswith("$") and not path.endswith(r"\$")
    path = path.removesuffix("$") if whole else path
    if whole and _PLAIN_PATH.fullmatch(path):
        return path, {}, ()
    # An expression that does not say where it ends fits whatever goes on.
    path = f"(?:{path[1:]})" if "|" in path else path[1:]
    return f"/{{{_REST}}}", {_REST: path if whole else f"{path}.*"}, ()


def _name(verb: str, display: str, known: dict[str, Limit]) -> str:
    words = re.findall(r"[a-z0-9-]+", f"nova {verb} {display}".lower())
    base = "-".join(word.strip("-") for word in words)
    name, number = base, 1
    while name in known:
        number += 1
        name = f"{base}-{number}"
    return name


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word
