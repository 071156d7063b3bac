"""Writes limits as people would, for `notation` to read."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import yaml

from minicloud.api.ratelimit.limit import UNITS, Limit
from minicloud.api.ratelimit.table import LimitTable

INDENT: Final = 2
_PLAIN: Final = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.-]*")
_SPECIAL: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def written(table: LimitTable) -> str:
    """The table as a document."""
    lines = ["limits:"] if table.limits else ["limits: []"]
    for limit in table.limits:
        lines += ["", *item(limit)]
    if table.classes:
        lines += ["", "classes:", *class_lines(table.classes)]
    return "\n".join(lines) + "\n"


def item(limit: Limit, indent: int = INDENT) -> list[str]:
    """The lines of one limit in the list."""
    lines = [f"{name}: {value}" for name, value in values(limit)]
    return [f"{' ' * indent}- {lines[0]}", *(f"{' ' * indent}  {line}" for line in lines[1:])]


def class_lines(classes: Mapping[str, str], indent: int = INDENT) -> list[str]:
    return [f"{' ' * indent}{scalar(key)}: {scalar(name)}" for key, name in classes.items()]


def values(limit: Limit) -> Iterator[tuple[str, str]]:
    """Each field and how it is written; what is as usual is left out."""
    yield "name", scalar(limit.name)
    yield "verbs", f"[{', '.join(sorted(limit.verbs))}]" if limit.verbs else '"*"'
    yield "uri", scalar(limit.uri)
    if limit.requirements:
        pairs = ", ".join(f"{scalar(k)}: {scalar(v)}" for k, v in limit.requirements.items())
        yield "requirements", f"{{{pairs}}}"
    for name, words in (("queries", limit.queries), ("use", limit.use)):
        if words:
            yield name, f"[{', '.join(map(scalar, words))}]"
    yield "value", str(limit.value)
    yield "unit", limit.unit if limit.unit_s in UNITS.values() else str(limit.unit_s)
    yield "per", limit.per
    if limit.limit_class is not None:
        yield "class", scalar(limit.limit_class)


def scalar(word: str) -> str:
    """As it is where YAML takes that for the same text, else within quotes."""
    if _PLAIN.fullmatch(word) and word.lower() not in _SPECIAL:
        return word
    quoted = yaml.safe_dump(word, default_style='"', width=10_000, allow_unicode=True)
    return str(quoted).strip()
