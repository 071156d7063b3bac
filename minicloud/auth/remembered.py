"""Documents of valid tokens, for as long as nothing changes that tokens grant."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_MANY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    document: dict[str, Any]
    expires_at: datetime
    revision: int | None  # of all grants, when it was looked up


class Memory:
    """By the hash of the token's text; the oldest is forgotten for what is one too many.

    Nothing in here is shared but finished objects, so no thread can get another's answer.
    """

    def __init__(self, many: int = _MANY) -> None:
        self._many = many
        self._known: dict[str, Remembered] = {}
        self._changing = threading.Lock()

    def get(self, token_hash: str) -> Remembered | None:
        return self._known.get(token_hash)

    def keep(self, token_hash: str, found: Remembered) -> None:
        with self._changing:
            self._known.pop(token_hash, None)
            if len(self._known) >= self._many:
                del self._known[next(iter(self._known))]
            self._known[token_hash] = found

    def forget(self, token_hash: str) -> None:
        with self._changing:
            self._known.pop(token_hash, None)
