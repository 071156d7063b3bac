"""How a command asks a running supervisor for something: a socket in its state directory."""

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SOCKET_PATH_BYTES = 100


@dataclass
class Request:
    """What a command wants; it waits for lines of text and then for how it went."""

    words: dict[str, Any]
    _connection: socket.socket

    def tell(self, text: str) -> None:
        self._send({"text": text})

    def finish(self, ok: bool) -> None:
        self._send({"ok": ok})
        self._connection.close()

    def _send(self, message: dict[str, Any]) -> None:
        # Whoever asked may have gone; the work goes on all the same.
        with contextlib.suppress(OSError):
            self._connection.sendall(json.dumps(message).encode() + b"\n")


class Control:
    """The supervisor's end."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "control"
        if len(os.fsencode(self.path)) > _SOCKET_PATH_BYTES:
            self.path = Path(tempfile.mkdtemp(prefix="minicloud-")) / "control"
        self._temporary = self.path.parent != directory
        self.path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.path))
        self.path.chmod(0o600)
        self._socket.listen()
        self._socket.setblocking(False)

    def request(self) -> Request | None:
        """The next request, if there is one; a slow sender is waited for a second at most."""
        try:
            connection, _ = self._socket.accept()
        except BlockingIOError:
            return None
        connection.settimeout(1.0)
        try:
            return Request(json.loads(connection.makefile("rb").readline()), connection)
        except (OSError, ValueError):
            connection.close()
            return None

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)
        if self._temporary:
            self.path.parent.rmdir()


def ask(path: str, words: dict[str, Any]) -> Iterator[str | bool]:
    """Send a request; yields the lines of the answer and at last whether it was done."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(json.dumps(words).encode() + b"\n")
        for line in connection.makefile("rb"):
            message = json.loads(line)
            if "ok" in message:
                yield bool(message["ok"])
                return
            yield str(message["text"])
    yield False
