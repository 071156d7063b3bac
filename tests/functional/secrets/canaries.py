"""Secrets that can be recognised, where each may be, and what was found where."""

import base64
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from typing import Final

# Where a text was found. "itself" is the answer to the request that bore or made the secret.
ITSELF, PROJECT, ADMIN, STRANGER = "itself", "its project", "an administrator", "a stranger"
FAULT, RPC, LOG, CLI, ARGUMENTS = "a fault", "a message", "a log", "a command", "arguments"

MAY: Final[dict[str, frozenset[str]]] = {
    "the operator's password": frozenset({"file password", "file clouds", "file openrc"}),
    "the broker's password": frozenset({"file etc", "file servers"}),
    "the database's password": frozenset({"file etc", "file servers"}),
    "a user's password": frozenset(),
    "a password that is wrong": frozenset(),
    "a secret of an application credential": frozenset({ITSELF}),
    "a token": frozenset({ITSELF}),
    "a token that is none": frozenset(),
    "a token of a service": frozenset(),
    "a token of a console": frozenset({ITSELF}),
    "a password of a guest": frozenset({ITSELF}),
    "a password in a bad request": frozenset(),
    "a private key": frozenset({ITSELF}),
    "a private key in a bad request": frozenset(),
    "user data": frozenset({ITSELF, ADMIN, "table instances.user_data", "file data"}),
    "user data in a bad request": frozenset(),
    # It is shown to whoever may see the server, and told to the host that runs it.
    "metadata": frozenset(
        {ITSELF, PROJECT, ADMIN, RPC, "table instances.meta", "file data", "file servers"}
    ),
    # Hashes: of no use without much work, and yet nowhere else than where they are needed.
    # (A database's own log of changes has what a row had, until it is written over.)
    "a hash for a guest": frozenset({RPC, "file data"}),
    "a hash of a user's": frozenset(
        {"table users.password_hash", "table application_credentials.secret_hash", "file data"}
    ),
}

OF_SERVERS: Final = {"the broker's password", "the database's password"}  # of `up --processes`


@dataclass
class Canaries:
    """Secrets by what they are."""

    kinds: dict[str, str] = field(default_factory=dict)  # text -> kind
    _numbers: "count[int]" = field(default_factory=count)

    def new(self, kind: str) -> str:
        """A secret of letters and digits, so that it looks the same wherever it is written."""
        text = f"canary{next(self._numbers)}x{token_hex(8)}"
        return self.known(kind, text)

    def known(self, kind: str, text: str) -> str:
        """One that somebody else has made."""
        assert kind in MAY, kind
        assert len(text) > 7, kind
        self.kinds[text] = kind
        return text

    def encoded(self, kind: str) -> str:
        """The base64 of a secret; neither of the two may be found."""
        return self.known(kind, base64.b64encode(self.new(kind).encode()).decode())


@dataclass(frozen=True)
class Found:
    """Something that was written: where, what exactly, and what it may hold besides."""

    place: str
    about: str
    text: bytes
    own: frozenset[str] = frozenset()


def leaks(canaries: Canaries, found: Iterable[Found]) -> list[str]:
    """Which secrets are where they do not belong."""
    wrong = []
    for one in found:
        for text, kind in canaries.kinds.items():
            if text.encode() not in one.text or _may(kind, one, text):
                continue
            at = one.text.index(text.encode())
            around = one.text[max(0, at - 60) : at + len(text) + 20]
            wrong.append(f"{kind} is in {one.place}, {one.about}: {around!r}")
    return wrong


def _may(kind: str, one: Found, text: str) -> bool:
    places: Collection[str] = MAY[kind]
    if text in one.own and ITSELF in places:
        return True
    return one.place in places or any(
        one.place.startswith(place) for place in places if place.startswith("file ")
    )


def know_hashes(canaries: Canaries, messages: bytes, found: Iterable[Found]) -> None:
    """Those of guests travel, those of users never do; both can be told by their cost."""
    of_guests = {text.decode() for text in re.findall(rb"\$2b\$08\$[./A-Za-z0-9]{53}", messages)}
    for text in of_guests:
        canaries.known("a hash for a guest", text)
    tables = b" ".join(one.text for one in found if one.place.startswith("table users."))
    of_users = {
        text.decode() for text in re.findall(rb"\$2b\$[0-9]{2}\$[./A-Za-z0-9]{53}", tables)
    }
    for text in of_users:
        canaries.known("a hash of a user's", text)
