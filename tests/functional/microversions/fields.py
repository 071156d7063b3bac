"""The fields of an answer: expected from the history, and found."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from minicloud.api.history import HISTORY, deltas

# Whose kinds of value change with versions.
_TYPED: Final = {
    "flavor": ("swap",),
    "service": ("id",),
    "service-changed": ("id",),
    "hypervisor": ("id", "cpu_info", "service.id"),
    "hypervisor-brief": ("id",),
    "hypervisor-empty": ("id",),
}
# What is inside is not the API's, but names that somebody has chosen.
_CLOSED: Final = frozenset(
    {
        *("metadata", "extra_specs", "flavor.extra_specs", "image.properties", "scheduler_hints"),
        *("rules", "cpu_info"),
    }
)
_KINDS: Final = {str: "text", int: "number", dict: "object"}
# What administrators alone see.
_PRIVATE: Final = ("OS-EXT-SRV-ATTR:", "host_status", "events.", "details")


def found(thing: str, value: Any) -> set[str]:
    return set(_within(value, "", _TYPED.get(thing, ())))


def _within(value: Any, path: str, typed: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield from _within(item, path, typed)
    elif isinstance(value, dict) and value and path not in _CLOSED:
        for name, item in value.items():
            yield from _within(item, f"{path}.{name}" if path else name, typed)
    elif path:
        yield f"{path}({_KINDS[type(value)]})" if path in typed else path


def expected(first: set[str], since: int, thing: str, version: int, user: str) -> set[str]:
    """`first`, the fields at 2.`since`, with every change up to the version."""
    fields = _seen(first, user)
    for number in range(since + 1, version + 1):
        for delta in deltas(HISTORY[number].answers):
            things = delta.thing.split()
            if thing in things:
                gained, lost = _seen(delta.gained, user), _seen(delta.lost, user)
                fields = _changed(fields, gained, lost, number)
            if user != "admin" and f"member:{thing}" in things:
                fields = _changed(fields, set(delta.gained), set(delta.lost), number)
    return fields


def _seen(names: Iterable[str], user: str) -> set[str]:
    return {name for name in names if user == "admin" or not name.startswith(_PRIVATE)}


def _changed(fields: set[str], gained: set[str], lost: set[str], number: int) -> set[str]:
    assert not gained & fields, f"2.{number} cannot gain {gained & fields} again"
    assert lost <= fields, f"2.{number} cannot lose {lost - fields}"
    return fields - lost | gained


def changes_of(thing: str) -> set[int]:
    """The versions at which the thing changes."""
    return {
        number
        for number, change in HISTORY.items()
        for delta in deltas(change.answers)
        if {thing, f"member:{thing}"} & set(delta.thing.split())
    }
