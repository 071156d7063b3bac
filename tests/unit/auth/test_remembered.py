"""Documents of tokens are remembered, so many at most."""

from datetime import datetime
from typing import Any

from minicloud.auth.remembered import Memory, Remembered


def _one(document: dict[str, Any], revision: int = 1) -> Remembered:
    return Remembered(document, datetime(2026, 1, 31), revision)


def test_the_oldest_is_forgotten_for_one_too_many() -> None:
    memory = Memory(2)
    for name in ("a", "b", "c"):
        memory.keep(name, _one({"token": name}))

    assert [memory.get(name) and name for name in ("a", "b", "c")] == [None, "b", "c"]


def test_what_is_looked_up_again_replaces_what_was_known_and_is_the_youngest() -> None:
    memory = Memory(2)
    for name, revision in (("a", 1), ("b", 1), ("a", 2), ("c", 1)):
        memory.keep(name, _one({}, revision))

    known = memory.get("a")
    assert known is not None
    assert known.revision == 2
    assert memory.get("b") is None


def test_what_is_forgotten_may_be_forgotten_again() -> None:
    memory = Memory()
    memory.keep("a", _one({}))

    memory.forget("a")
    memory.forget("a")

    assert memory.get("a") is None
