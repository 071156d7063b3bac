"""The configuration file that `minicloud up` writes from its own options."""

from collections.abc import Iterable

from minicloud.cmd.state import State
from minicloud.errors import CannotStart
from minicloud.runtime.passwords import write_private

Settings = dict[str, dict[str, str]]

_HEAD = """\
# Written by `minicloud up` at every start: changes made here are lost.
# Use `minicloud up --set group.option=value` instead.
"""


def write(state: State, name: str, *parts: Settings) -> None:
    """Write etc/<name>; of an option that is there twice the last one counts."""
    write_private(state.etc / name, _HEAD + _text(_merged(parts)))


def parse(words: Iterable[str]) -> Settings:
    """The values of `--set group.option=value`."""
    settings: Settings = {}
    for word in words:
        place, equals, value = word.partition("=")
        group, dot, option = place.rpartition(".")
        if not (equals and dot and group and option):
            raise CannotStart(f"--set {word}: expected group.option=value")
        settings.setdefault(group, {})[option] = value
    return settings


def literal(value: str) -> str:
    """A value in which "$" is no reference to another option."""
    return value.replace("$", "$$")


def _merged(parts: Iterable[Settings]) -> Settings:
    merged: Settings = {}
    for part in parts:
        for group, options in part.items():
            merged.setdefault(group, {}).update(options)
    return merged


def _text(settings: Settings) -> str:
    lines = []
    for group, options in settings.items():
        lines += ["", f"[{group}]", *(f"{name} = {value}" for name, value in options.items())]
    return "\n".join(lines) + "\n"
