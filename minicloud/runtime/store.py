"""The bytes of images: one file each, written aside and renamed when whole."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from uuid import uuid4

from oslo_config import cfg

from minicloud.errors import BadRequest
from minicloud.runtime.wsgi import TooLarge

_CHUNK_BYTES: Final = 1 << 20


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that have arrived and are not yet an image's."""

    path: Path
    size_bytes: int
    checksum: str
    hash_value: str


class Store:
    def __init__(self, directory: Path, max_bytes: int) -> None:
        self._directory, self.max_bytes = directory, max_bytes

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> "Store":
        return cls(Path(conf.state_path) / "images", conf.image.max_image_bytes)

    @contextmanager
    def received(self, image_id: str, body: Readable) -> Iterator[Received]:
        """Take in a body; what is not kept within the block is forgotten."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{image_id}.{uuid4().hex}.part"
        try:
            yield self._taken_in(path, body)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, image_id: str, received: Received) -> None:
        """Make the bytes the image's."""
        received.path.replace(self._path(image_id))

    def chunks(self, image_id: str) -> Iterator[bytes] | None:
        """The image's bytes; None when there are none."""
        try:
            file = self._path(image_id).open("rb")
        except FileNotFoundError:
            return None
        return _chunks(file)

    def forget(self, image_id: str) -> None:
        """Remove the image's bytes, with those of uploads that broke off."""
        for path in (self._path(image_id), *self._directory.glob(f"{image_id}.*.part")):
            path.unlink(missing_ok=True)

    def _path(self, image_id: str) -> Path:
        return self._directory / image_id

    def _taken_in(self, path: Path, body: Readable) -> Received:
        size, md5, sha512 = 0, hashlib.md5(usedforsecurity=False), hashlib.sha512()
        with path.open("wb") as file:
            while chunk := _read(body):
                size += len(chunk)
                if size > self.max_bytes:
                    raise TooLarge(self.max_bytes)
                md5.update(chunk)
                sha512.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return Received(path, size, md5.hexdigest(), sha512.hexdigest())


def _read(body: Readable) -> bytes:
    try:
        return body.read(_CHUNK_BYTES)
    except OSError as error:  # the client went away
        raise BadRequest("The body ended too early.") from error


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
