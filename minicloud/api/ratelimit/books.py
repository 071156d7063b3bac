"""Where an operator's commands read and change the limits: the file, or Redis."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from oslo_config import cfg

from minicloud import errors
from minicloud.api.ratelimit import edit, file_source, notation, sources
from minicloud.api.ratelimit.table import LimitTable
from minicloud.runtime.files import replacing

if TYPE_CHECKING:
    from redis import Redis

    from minicloud.api.ratelimit.redis_source import RedisTable

Change = Callable[[LimitTable], LimitTable]
_ATTEMPTS: Final = 20


class Book(Protocol):
    """Limits that can be changed."""

    note: str  # on how the last change was made

    @property
    def where(self) -> str:
        """For people."""

    def read(self) -> LimitTable: ...

    def change(self, change: Change) -> LimitTable:
        """Put what `change` makes of the limits in their place; what counts then.

        `change` may be called again, when somebody else was faster.
        """

    def load(self, text: str, name: str) -> LimitTable:
        """Put a document in the place of all; `name` is for errors in it."""


class FileBook:
    """The file that API processes watch."""

    def __init__(self, path: Path, shipped: bool) -> None:
        """`shipped`: it came with the code, and the next release brings another."""
        self._path, self._shipped = path, shipped
        self.note = ""

    @property
    def where(self) -> str:
        return str(self._path)

    def read(self) -> LimitTable:
        return file_source.read(self._path)

    def change(self, change: Change) -> LimitTable:
        with self._replacing() as put:
            table = change(self.read())
            text, anew = edit.edited(self._path.read_text(), table)
            put(text)
        if anew:
            self.note = f"{self._path} was written anew; of its comments those at the top are left"
        return self.read()

    def load(self, text: str, name: str) -> LimitTable:
        notation.read(text, name)
        with self._replacing() as put:
            put(text)
        return self.read()

    @contextmanager
    def _replacing(self) -> Iterator[Callable[[str], None]]:
        if self._shipped:
            raise errors.CannotStart(
                f"{self._path} came with the program and is not changed: copy it to the directory "
                "of minicloud.conf, or name another file in [ratelimit] limits_file"
            )
        try:
            with replacing(self._path) as put:
                yield put
        except OSError as error:
            reason = f"cannot write {self._path}: {error.strerror or error}"
            raise errors.CannotStart(reason) from error


class RedisBook:
    """The table that API processes share."""

    def __init__(self, held: "RedisTable", address: str, seed: Callable[[], LimitTable]) -> None:
        self._held, self._address, self._seed = held, address, seed
        self.note = ""

    @property
    def where(self) -> str:
        return f"{self._held.key} in {self._address}"

    def read(self) -> LimitTable:
        """Of a Redis that has none yet, what it is going to begin with."""
        return self._held.read() or replace(self._seed(), version=0)

    def change(self, change: Change) -> LimitTable:
        from minicloud.api.ratelimit.redis_source import ChangedMeanwhile

        for _ in range(_ATTEMPTS):
            old = self.read()
            new = change(old)
            try:
                version = self._held.replace(old.version, new)
            except ChangedMeanwhile:
                continue
            return replace(new, version=version)
        raise ChangedMeanwhile

    def load(self, text: str, name: str) -> LimitTable:
        """Even in the place of what cannot be read."""
        table = notation.read(text, name)
        version = self._held.replace(self._held.version(), table)
        return replace(table, version=version)


def file_book(conf: cfg.ConfigOpts) -> FileBook:
    path = sources.limits_file(conf)
    return FileBook(path, sources.is_shipped(path))


def redis_book(conf: cfg.ConfigOpts, client: "Redis") -> RedisBook:
    path = sources.limits_file(conf)
    held = sources.redis_table(conf, client)
    return RedisBook(held, sources.address(conf), lambda: file_source.read(path))
