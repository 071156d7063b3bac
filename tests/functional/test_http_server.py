"""What the HTTP server does with clients that take their time, and when it ends."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen

_PATIENCE_S = 30


class FastClock(SystemClock):
    """The machine's, and as much later as a test says."""

    ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def server(clock: FastClock) -> HttpServer:
    """It answers "ok" once it has the whole request."""

    def app(environ, start_response):  # type: ignore[no-untyped-def]
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return HttpServer(app, listen("127.0.0.1", 0), 2, clock, lambda *_args: 1 << 20)


@pytest.fixture
def client(server: HttpServer, stopping: threading.Event) -> Iterator[socket.socket]:
    thread = threading.Thread(target=server.serve, args=(5.0, stopping))
    thread.start()
    with socket.create_connection(server.address, timeout=_PATIENCE_S) as connection:
        yield connection
    stopping.set()
    thread.join(_PATIENCE_S)
    assert not thread.is_alive()


_SLOW_HEADER = b"GET / HTTP/1.1\r\nHost: a\r\n"
_SLOW_BODY = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"


@pytest.mark.parametrize("beginning", [_SLOW_HEADER, _SLOW_BODY])
def test_a_request_that_does_not_come_to_its_end_is_hung_up_on(
    client: socket.socket, clock: FastClock, beginning: bytes
) -> None:
    client.sendall(beginning)
    _let_it_arrive(client)
    clock.ahead_s = 31.0

    assert client.recv(100) == b""


def test_a_request_that_comes_slowly_is_answered(client: socket.socket) -> None:
    for byte in (_SLOW_BODY + b"defghij").decode():
        client.sendall(byte.encode())

    assert client.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_request_under_way_at_the_end_is_answered_and_the_connection_closed(
    client: socket.socket, server: HttpServer, stopping: threading.Event
) -> None:
    client.sendall(_SLOW_BODY)
    _let_it_arrive(client)

    stopping.set()
    end = time.monotonic() + _PATIENCE_S
    while not server.draining and time.monotonic() < end:
        time.sleep(0.01)
    client.sendall(b"defghij")

    answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer


def _let_it_arrive(client: socket.socket) -> None:
    """Another connection is served after what was sent before it."""
    with socket.create_connection(client.getpeername(), timeout=_PATIENCE_S) as other:
        other.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200 OK")
