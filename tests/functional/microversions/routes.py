"""Which routes and actions there are, by the history alone."""

from typing import Final

from minicloud.api.history import HISTORY


def plain(route: str) -> str:
    """Without the names of variables."""
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))


def _changes() -> dict[str, list[tuple[int, bool]]]:
    found: dict[str, list[tuple[int, bool]]] = {}
    for number, change in HISTORY.items():
        for line in change.routes:
            found.setdefault(plain(line[1:]), []).append((number, line[0] == "+"))
    return found


_CHANGES: Final = _changes()


def is_there(verb: str, path: str, key: str, version: int) -> bool:
    changes = _CHANGES.get(f"action {key}" if key else plain(f"{verb} {path}"), [])
    there = not (changes and changes[0][1])  # what comes later was not there before
    for number, comes in changes:
        if number <= version:
            there = comes
    return there
