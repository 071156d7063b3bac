"""Ports of 127.0.0.1: a free one, one that was free before, one to serve on."""

import socket

from minicloud.errors import CannotStart

LOOPBACK = "127.0.0.1"
_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on; no port is given twice to the same process."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


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
