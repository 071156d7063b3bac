"""The commands of `minicloud-manage limits` that change something."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from oslo_config import cfg

from minicloud import errors
from minicloud.api.ratelimit import notation, nova
from minicloud.api.ratelimit.limit import ALL, DEFAULT_CLASS, BadLimit, Limit
from minicloud.api.ratelimit.table import LimitTable
from minicloud.cmd.limits_book import Opened, at, doubt_id, opened
from minicloud.errors import CannotStart


def set_limit(conf: cfg.ConfigOpts) -> None:
    name, wanted = conf.command.limit, _wanted(conf.command)

    def change(table: LimitTable) -> LimitTable:
        return _with(table, [_limit(_named(table), name, wanted)])

    with opened(conf) as found:
        before = _named(found.book.read()).get(name)
        table = found.book.change(change)
        after = _named(table)[name]
        print(f"{sentence(after)}{_was(before, after)}")
        _changed(found, table)


def unset(conf: cfg.ConfigOpts) -> None:
    gone = conf.command.names

    def change(table: LimitTable) -> LimitTable:
        known = _named(table)
        for name in gone:
            if name not in known:
                raise CannotStart(f"there is no limit {name!r}{_instead(name, known)}")
        return replace(table, limits=tuple(v for k, v in known.items() if k not in gone))

    with opened(conf) as found:
        table = found.book.change(change)
        print(f"gone: {', '.join(gone)}; limits: {len(table.limits)}")
        _changed(found, table)


def classify(conf: cfg.ConfigOpts) -> None:
    project, name = conf.command.project, conf.command.limit_class
    with opened(conf) as found:
        if name is None:
            print(found.book.read().class_of(project))
            return

        def change(table: LimitTable) -> LimitTable:
            classes = {key: value for key, value in table.classes.items() if key != project}
            return replace(table, classes=classes | ({} if _is_none(name) else {project: name}))

        table = found.book.change(change)
        print(f"project {project} is of class {table.class_of(project)}")
        doubt_id(project)
        if not _is_none(name) and all(limit.limit_class != name for limit in table.limits):
            print(f"note: there is no limit of this class yet: limits set NAME --class {name} ...")
        _changed(found, table)


def import_nova(conf: cfg.ConfigOpts) -> None:
    with opened(conf) as found:
        limits = nova.read(conf.command.text)
        table = found.book.change(lambda table: _with(table, limits))
        for limit in limits:
            print(sentence(limit))
        _changed(found, table)


def load(conf: cfg.ConfigOpts) -> None:
    name = conf.command.file
    text = _read(name)
    with opened(conf) as found:
        table = found.book.load(text, "standard input" if name == "-" else name)
        print(f"limits: {len(table.limits)}; classes of projects: {len(table.classes)}")
        _changed(found, table)


def sentence(limit: Limit) -> str:
    """A limit in a line."""
    verbs = "" if limit.verb == ALL else f"{limit.verb} "
    parts = [f"{limit.name}: {limit.value} {verbs}calls per {limit.unit}"]
    parts.append("to every path" if limit.uri == ALL else f"to {limit.uri}")
    parts += [f"where {name} is {what}" for name, what in limit.requirements.items()]
    parts += [f"with {name}" for name in limit.queries]
    parts.append(f"for each {limit.per}")
    parts += [f"and each {name}" for name in limit.use]
    if limit.limit_class is not None:
        parts.append(f"of class {limit.limit_class}")
    return " ".join(parts)


def _changed(found: Opened, table: LimitTable) -> None:
    print(f"{found.book.where}: {at(table.version)}; it counts within a second")
    if found.book.note:
        print(f"note: {found.book.note}")


def _was(before: Limit | None, after: Limit) -> str:
    if before is None:
        return " (new)"
    return " (as it was)" if before == after else f"\n  it was {sentence(before)}"


def _wanted(command: Any) -> dict[str, Any]:
    """The fields of a limit that the arguments name. CannotStart says what is wrong with one."""
    wanted: dict[str, Any] = {}
    if command.uri is not None:
        wanted["uri"] = command.uri
    if command.limit_class is not None:
        wanted["limit_class"] = command.limit_class or None
    for field, words in (("queries", command.query), ("use", command.each)):
        if words is not None:
            wanted[field] = tuple(word for word in words if word)
    if command.require is not None:
        wanted["requirements"] = _requirements(command.require)
    try:
        if command.verb is not None:
            wanted["verbs"] = notation.verbs([v for word in command.verb for v in word.split(",")])
        if command.unit is not None:
            wanted["unit_s"] = notation.unit_s(command.unit)
        if command.value is not None:
            wanted["value"] = notation.calls(command.value)
        if command.per is not None:
            wanted["per"] = notation.per(command.per)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    return wanted


def _requirements(words: Iterable[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, expression = word.partition("=")
        if word and not (name and equals and expression):
            raise CannotStart(f"--require {word}: VARIABLE=EXPRESSION is wanted, as id=[0-9]+")
        if word:
            found[name] = expression
    return found


def _limit(known: Mapping[str, Limit], name: str, wanted: dict[str, Any]) -> Limit:
    try:
        if name in known:
            return replace(known[name], **wanted)
        if not {"value", "unit_s"} <= wanted.keys():
            raise CannotStart(
                f"there is no limit {name!r} yet: a new one needs --value and --unit"
                f"{notation.near(name, known)}"
            )
        return Limit(**{"name": name, "verbs": frozenset(), "uri": ALL} | wanted)
    except BadLimit as error:
        raise CannotStart(f"limit {name!r}: {error.args[1]}") from error


def _with(table: LimitTable, limits: Sequence[Limit]) -> LimitTable:
    """These in the place of those of their names, or last."""
    found = _named(table) | {limit.name: limit for limit in limits}
    return replace(table, limits=tuple(found.values()))


def _named(table: LimitTable) -> dict[str, Limit]:
    return {limit.name: limit for limit in table.limits}


def _instead(name: str, known: Iterable[str]) -> str:
    names = list(known)
    guess = notation.near(name, names)
    return f"{guess}; there are: {', '.join(names)}" if names else "; there are none"


def _is_none(name: str) -> bool:
    return name in ("", DEFAULT_CLASS)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise errors.CannotStart(f"{name}: {reason}") from error
