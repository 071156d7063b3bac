"""The parts of a running program, looked up by type.

PasteDeploy hands its factories texts only; while a pipeline is assembled they find the objects
they need here. Nothing else uses it: everything else takes its parts through its constructor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Wiring:
    def __init__(self, *parts: object) -> None:
        self._parts = parts

    def get(self, kind: type[T]) -> T:
        """The part of this type; LookupError when the program has none."""
        for part in self._parts:
            if isinstance(part, kind):
                return part
        raise LookupError(f"this program was put together without a {kind.__name__}")


_CURRENT: ContextVar[Wiring] = ContextVar("minicloud_wiring")


@contextmanager
def assembling(wiring: Wiring) -> Iterator[None]:
    """Make `wiring` what `part` looks in."""
    token = _CURRENT.set(wiring)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def part(kind: Any) -> Any:
    """The part of this type, for a paste factory."""
    return _CURRENT.get().get(kind)
