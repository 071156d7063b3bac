"""Changes a file of limits as a person would: what stays the same stays as it is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from minicloud.api.ratelimit import notation, writing
from minicloud.api.ratelimit.limit import Limit
from minicloud.api.ratelimit.table import LimitTable


class _NotByParts(Exception):
    """The document is written in a way in which no part can be changed alone."""


@dataclass(frozen=True)
class _Edit:
    """What stands between two places afterwards."""

    start: int
    end: int
    text: str


def edited(text: str, wanted: LimitTable) -> tuple[str, bool]:
    """The document, changed to `wanted`; it must be one that can be read.

    True: its parts could not be changed alone; it is written anew below the comments at its top.
    """
    table = notation.read(text, "")
    parts = _parts(text)
    try:
        edits = [
            *_limits(text, parts["limits"], table, wanted),
            *_classes(text, parts.get("classes"), table.classes, wanted.classes),
        ]
        result = _applied(text, edits)
        if replace(notation.read(result, ""), version=wanted.version) == wanted:
            return result, False
    except (_NotByParts, notation.BadNotation):
        pass
    return _head(text) + writing.written(wanted), True


def _limits(text: str, node: yaml.Node, table: LimitTable, wanted: LimitTable) -> Iterator[_Edit]:
    before = {limit.name: limit for limit in table.limits}
    after = {limit.name: limit for limit in wanted.limits}
    items = dict(zip(before, node.value, strict=True))
    added = [limit for name, limit in after.items() if name not in before]
    if before == after:
        return
    if before and _is_flow(node):
        raise _NotByParts
    if not after:
        yield _emptied(text, node, "[]")
        return
    for name, item in items.items():
        if name not in after:
            yield _without(text, item, item)
        elif after[name] != before[name]:
            yield from _changed(text, item, before[name], after[name])
    indent = _indent(text, node.value[0]) if items else writing.INDENT
    yield from _added(text, node, [["", *writing.item(limit, indent)] for limit in added])


def _changed(text: str, item: yaml.Node, before: Limit, after: Limit) -> Iterator[_Edit]:
    """The values that differ, where they are written; else the whole limit."""
    nodes = {key.value: value for key, value in item.value}
    old, new = dict(writing.values(before)), dict(writing.values(after))
    differ = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if all(name in nodes and name in new for name in differ):
        for name in differ:
            node = nodes[name]
            yield _Edit(node.start_mark.index, node.end_mark.index, new[name])
    else:
        lines = writing.item(after, _indent(text, item))
        yield replace(_without(text, item, item), text="\n".join(lines) + "\n")


def _classes(
    text: str, node: yaml.Node | None, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[_Edit]:
    if before == after:
        return
    if node is None:
        lines = ["", "classes:", *writing.class_lines(after)]
        yield from _appended(text, len(text), lines)
        return
    if before and _is_flow(node):
        raise _NotByParts
    if not after:
        yield _emptied(text, node, "{}")
        return
    pairs = {key.value: (key, value) for key, value in node.value} if before else {}
    for project, (key, value) in pairs.items():
        if project not in after:
            yield _without(text, key, value)
        elif after[project] != before[project]:
            start, end = value.start_mark.index, value.end_mark.index
            yield _Edit(start, end, writing.scalar(after[project]))
    added = {project: name for project, name in after.items() if project not in before}
    indent = _indent(text, node.value[0][0]) if before else writing.INDENT
    yield from _added(text, node, [[line] for line in writing.class_lines(added, indent)])


def _added(text: str, node: yaml.Node, entries: Sequence[Sequence[str]]) -> Iterator[_Edit]:
    """Lines behind the last entry, or in the place of nothing."""
    lines = [line for entry in entries for line in entry]
    if not lines:
        return
    if node.value and not isinstance(node.value, str):
        yield from _appended(text, _line_end(text, _end(node)), lines)
    else:
        start = len(text[: node.start_mark.index].rstrip(" "))
        yield _Edit(start, node.end_mark.index, "\n".join(["", *lines]))


def _appended(text: str, at: int, lines: Sequence[str]) -> Iterator[_Edit]:
    newline = "" if text[:at].endswith("\n") else "\n"
    yield _Edit(at, at, newline + "\n".join(lines) + "\n")


def _without(text: str, first: yaml.Node, last: yaml.Node) -> _Edit:
    """Takes an entry's lines away; comments above it stay."""
    start = text.rfind("\n", 0, first.start_mark.index) + 1
    if text[start : first.start_mark.index].strip(" -"):
        raise _NotByParts
    return _Edit(start, _line_end(text, _end(last)), "")


def _emptied(text: str, node: yaml.Node, nothing: str) -> _Edit:
    """All entries between the colon before the first and the end of the last go."""
    last_line = text.rfind(":\n", 0, node.start_mark.index)
    if last_line < 0 or text[last_line + 2 : node.start_mark.index].strip(" -\n"):
        raise _NotByParts
    return _Edit(last_line + 1, _end(node), f" {nothing}")


def _line_end(text: str, index: int) -> int:
    """Where the next line begins."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _end(node: yaml.Node) -> int:
    """Where it ends, without the space and comments that follow it."""
    if isinstance(node, yaml.ScalarNode):
        if node.style in ("|", ">"):
            raise _NotByParts
        return node.end_mark.index
    if _is_flow(node) or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _is_flow(node: yaml.Node) -> bool:
    """Whether it is written between brackets or braces."""
    return bool(getattr(node, "flow_style", False))


def _indent(text: str, node: yaml.Node) -> int:
    """How far the line of an entry is from the left."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    line = text[start:]
    return len(line) - len(line.lstrip(" "))


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _parts(text: str) -> dict[str, yaml.Node]:
    document = notation.compose(text)
    return {key.value: value for key, value in document.value}


def _head(text: str) -> str:
    """The comments and empty lines before the first entry."""
    lines = []
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "".join(lines)
