"""Whether the Redis of the rate limits answers, for `minicloud status`."""

import configparser
import contextlib
import socket
from typing import Final
from urllib.parse import unquote, urlsplit

from minicloud.cmd.state import State

_PATIENCE_S: Final = 1.0
_PORT: Final = 6379


def is_away(state: State) -> bool:
    """Asked without logging in: a Redis that wants a password says so, and that is an answer."""
    try:
        with contextlib.closing(_connected(_address(state))) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(1) not in (b"+", b"-")
    except OSError:
        return True
    except ValueError:  # TLS, or no address that is known here: nothing is claimed of it
        return False


def _address(state: State) -> str | tuple[str, int]:
    """Of the configuration that `up` has written."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(state.conf)
    url = urlsplit(parser.get("ratelimit", "store", fallback="").replace("$$", "$"))
    if url.scheme == "unix":
        return unquote(url.path)
    if url.scheme != "redis":
        raise ValueError(url.scheme)
    return url.hostname or "127.0.0.1", url.port or _PORT


def _connected(address: str | tuple[str, int]) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, _PATIENCE_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE_S)
    connection.connect(address)
    return connection
