"""Limits in a file, looked at again while requests come in."""

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Final

from minicloud import errors
from minicloud.api.ratelimit import notation
from minicloud.api.ratelimit.table import LimitTable
from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5
_MOST_BYTES: Final = 10_000_000
_Look = tuple[int, int, int, int]


class FileSource:
    """An edit counts within half a second; one that is no table leaves the limits as they are."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """CannotStart for a file that cannot be read."""
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._seen: _Look | None = _look(path)
        self._table = read(path)
        self._look_at = clock.monotonic() + LOOK_EVERY_S

    @property
    def where(self) -> str:
        return str(self._path)

    def table(self) -> LimitTable:
        if self._clock.monotonic() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        return self._table

    def refresh(self) -> None:
        with self._lock:
            self._refresh()

    def _refresh(self) -> None:
        self._look_at = self._clock.monotonic() + LOOK_EVERY_S
        seen = _look(self._path)
        if seen == self._seen:
            return
        self._seen = seen  # before it is read: a change meanwhile is seen by the next look
        try:
            found = read(self._path)
        except errors.CannotStart as error:
            LOG.error("%s; the limits stay as they are", str(error))
            return
        version = max(found.version, self._table.version + 1)
        self._table = replace(found, version=version)
        LOG.info("the limits in %s have changed and count now", self._path)


def read(path: Path) -> LimitTable:
    """The table, by the time of the file in milliseconds. CannotStart says what is wrong."""
    try:
        version = path.stat().st_mtime_ns // 1_000_000
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode()
        return notation.read(text, str(path), version)
    except OSError as error:
        raise errors.CannotStart(f"the limits cannot be read: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise errors.CannotStart(f"{path} is no text in UTF-8: {error}") from error
    except errors.BadRequest as error:
        raise errors.CannotStart(str(error)) from error


def _look(path: Path) -> _Look | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
