"""One file's overrides: its text, and what that says or why it cannot be taken."""

import os
import stat
from typing import Any, Final

import yaml

from minicloud.api.rulebook.book import Override
from minicloud.api.rulebook.texts import BadRule, read

_MOST_BYTES: Final = 4 << 20
_NO_YAML: Final = (  # what PyYAML raises: of a tag whose value does not fit, nearly anything
    *(yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError),
    *(OverflowError, RecursionError),
)


def text(path: str) -> bytes | str:
    """What is in the file; a str says why it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return "is no file"
        with open(handle, "rb", closefd=False) as file:
            found = file.read(_MOST_BYTES + 1)
    except OSError as error:  # of a file system that is away, or a disk that fails
        return f"cannot be read: {error.strerror}"
    finally:
        os.close(handle)
    return found if len(found) <= _MOST_BYTES else f"is larger than {_MOST_BYTES} bytes"


def overrides(path: str, content: bytes | str) -> dict[str, Override]:
    """Its rules by name; BadRule with the reason, and the line where there is one."""
    if isinstance(content, str):
        raise BadRule(content)
    try:
        loader = yaml.SafeLoader(content.decode("utf-8-sig"))
        root = loader.get_single_node()
    except UnicodeDecodeError as error:
        raise BadRule(f"is not UTF-8: {error.reason} at byte {error.start}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadRule(f"{where}it is no YAML: {error.problem or error.context}") from None
    except _NO_YAML as error:
        raise BadRule(f"it is no YAML: {_said(error)}") from None
    return _rules(path, loader, root)


def _rules(path: str, loader: yaml.SafeLoader, root: Any) -> dict[str, Override]:
    if root is None:
        return {}  # nothing but comments
    if not isinstance(root, yaml.MappingNode):
        raise BadRule("it is no list of lines as 'rule: check'")
    found: dict[str, Override] = {}
    for key, value in root.value:
        line = key.start_mark.line + 1
        override = _rule(f"{path}, line {line}", loader, key, value)
        if override.name in found:
            raise BadRule(f"line {line}: {override.name} is given a second time")
        found[override.name] = override
    return found


def _rule(where: str, loader: yaml.SafeLoader, key: Any, value: Any) -> Override:
    line = where.rpartition(", ")[2]
    try:
        name = loader.construct_object(key, deep=True)
        check_text = loader.construct_object(value, deep=True)
    except _NO_YAML as error:
        raise BadRule(f"{line}: it is no YAML: {_said(error)}") from None
    if not isinstance(name, str):
        raise BadRule(f"{line}: the name of a rule is a text, and not {name!r}")
    try:
        return Override(name, check_text, read(check_text), where)
    except BadRule as error:
        raise BadRule(f"{line}: {name}: {error}") from None


def _said(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
