"""What a handler takes and answers, declared beside it.

The OpenAPI document is made from these declarations; the tests hold every handler to its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeVar

from minicloud.api.schemas.body import Body
from minicloud.api.schemas.query import Query

Handler = TypeVar("Handler", bound=Callable[..., Any])
_NO_CONTENT: Final = 204


@dataclass(frozen=True)
class Contract:
    """`empty`: the answer has no body; None: that depends. `room`: the handler's method that tells
    the quota filter, before anything is done, whether there is room for what is asked."""

    statuses: tuple[int, ...] = (200,)
    later: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    body: Body | None = None
    query: Query | None = None
    empty: bool | None = False
    refuses: tuple[int, ...] = ()  # besides what every request may meet
    room: str | None = None

    def statuses_at(self, version: int) -> tuple[int, ...]:
        """With which statuses it succeeds."""
        found = self.statuses
        for since in sorted(self.later):
            if since <= version:
                found = self.later[since]
        return found

    def is_empty(self, status: int) -> bool | None:
        return True if status == _NO_CONTENT else self.empty


PLAIN: Final = Contract()


def answers(
    *statuses: int,
    later: Mapping[int, int | tuple[int, ...]] | None = None,
    body: Body | None = None,
    query: Query | None = None,
    empty: bool | None = False,
    refuses: tuple[int, ...] = (),
    room: str | None = None,
) -> Callable[[Handler], Handler]:
    """Declares a handler's contract; without it: 200 with a body, and nothing is read.

    `later`: version -> the statuses from then on.
    """
    changes = {v: s if isinstance(s, tuple) else (s,) for v, s in (later or {}).items()}
    made = Contract(statuses or (200,), changes, body, query, empty, refuses, room)

    def declare(handler: Handler) -> Handler:
        handler.contract = made  # type: ignore[attr-defined]
        return handler

    return declare


def contract_of(handler: Callable[..., Any]) -> Contract:
    found: Contract = getattr(handler, "contract", PLAIN)
    return found
