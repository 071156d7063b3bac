"""Passwords, hashed by bcrypt, and compared with the same work whether or not there is a user."""

import base64
import hashlib

import bcrypt

MAX_CHARACTERS = 4096


class Passwords:
    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        # a hash of no password: a salt, and 31 characters that no digest gives
        self._nobody = bcrypt.gensalt(rounds) + b"." * 31

    def hashed(self, password: str) -> str:
        return bcrypt.hashpw(_shortened(password), bcrypt.gensalt(self._rounds)).decode()

    def match(self, password: str, password_hash: str | None) -> bool:
        """Whether this is the password; without a hash the answer is no, and takes as long."""
        known = password_hash.encode() if password_hash else self._nobody
        return bcrypt.checkpw(_shortened(password), known) and bool(password_hash)


def _shortened(password: str) -> bytes:
    """bcrypt reads 72 bytes and stops at a NUL; a digest keeps what comes after them."""
    return base64.b64encode(hashlib.sha256(password.encode()).digest())
