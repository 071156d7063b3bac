"""A row of the table of routes."""

from dataclasses import dataclass
from typing import Final

OPEN: Final = "minicloud:open"  # the version documents: no token, so nobody to judge
ALLOWED_KEY: Final = "minicloud.allowed"  # the row that the policy filter lets the caller have


@dataclass(frozen=True)
class Row:
    verb: str
    path: str
    noun: str
    method: str
    rule: str
    since: int = 1
    until: int = 104
    key: str | None = None  # of an action: the one key of the body

    def at(self, version: int) -> bool:
        return self.since <= version <= self.until
