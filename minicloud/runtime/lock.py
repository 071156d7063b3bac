"""One cloud per state directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Somebody else holds the lock."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock; the kernel gives it back however this process ends."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Locked(str(path)) from error
        yield
    finally:
        os.close(file)


def is_held(path: Path) -> bool:
    try:
        with only_one(path):
            return False
    except Locked:
        return True
    except FileNotFoundError:
        return False
