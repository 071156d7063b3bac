"""Ports of 127.0.0.1: a free one, one that was free before, one to serve on."""

import secrets
import socket
from functools import cache
from pathlib import Path
from typing import Final

from minicloud.errors import CannotStart

LOOPBACK = "127.0.0.1"
_OUTGOING: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_FIRST_OUTGOING: Final = 32768
_LOWEST, _HIGHEST = 10240, 65536
_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on; no port is given twice to the same process.

    It is below those that the system gives to outgoing connections, so that none of them takes it
    before whoever asked listens there.
    """
    while True:
        port = _LOWEST + secrets.randbelow(_first_outgoing() - _LOWEST)
        if port not in _GIVEN and is_free(port):
            _GIVEN.add(port)
            return port


@cache
def _first_outgoing() -> int:
    try:
        first = int(_OUTGOING.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _USUAL_FIRST_OUTGOING
    return first if first > 2 * _LOWEST else _HIGHEST


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def listen(port: int, backlog: int = 1024) -> socket.socket:
    """A listening socket, for programs to inherit; a port in use is one clear line."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((LOOPBACK, port))
        server.listen(backlog)
    except OSError as error:
        server.close()
        raise port_taken(port) from error
    return server


def port_taken(port: int) -> CannotStart:
    return CannotStart(
        f"port {port} is in use by another program: stop that one, or choose another with --port"
    )
