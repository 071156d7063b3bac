"""Passwords: made by chance once, then kept in a file that only their owner can read."""

import os
import secrets
from pathlib import Path
from typing import Final

_GUEST_ROUNDS: Final = 8


def secret() -> str:
    """A password of letters and digits, so that it needs no quoting in URLs and shells."""
    return secrets.token_hex(16)


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; at no moment is it readable by others."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def kept_secret(path: Path, wanted: str | None = None) -> str:
    """The password in the file; at the first time `wanted` or a new one is written there."""
    if not path.exists():
        write_private(path, f"{wanted or secret()}\n")
    return path.read_text().rstrip("\n")


def for_a_guest(password: str) -> str:
    """The crypt(3) form in which a guest's agent and cloud-init take a password.

    bcrypt reads no more than 72 bytes, and nothing behind a NUL.
    """
    import bcrypt  # which most requests never need

    text = password.encode().split(b"\0")[0][:72]
    return bcrypt.hashpw(text, bcrypt.gensalt(_GUEST_ROUNDS)).decode()
