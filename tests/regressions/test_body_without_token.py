"""Whoever had no token could fill the disk: a body was kept whole before anybody asked for one."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from minicloud.runtime.clock import SystemClock
from minicloud.runtime.http import HttpServer, listen

_ALLOWED = 1000


@pytest.fixture
def taken() -> list[int]:
    """The sizes of the bodies that reached the application."""
    return []


@pytest.fixture
def port(taken: list[int]) -> Iterator[int]:
    """A server that takes small bodies, and large ones with the right token only."""

    def allowance(verb: str, path: str, headers: dict[str, str]) -> int:
        may = verb == "PUT" and path == "/file" and headers.get("X_AUTH_TOKEN") == "right"
        return 10 * _ALLOWED if may else _ALLOWED

    def app(environ, start_response):  # type: ignore[no-untyped-def]
        size = len(environ["wsgi.input"].read())
        taken.append(size)
        start_response("200 OK", [("Content-Length", str(len(str(size))))])
        return [str(size).encode()]

    listening = listen("127.0.0.1", 0)
    server = HttpServer(app, listening, 2, SystemClock(), allowance)  # type: ignore[arg-type]
    stopping = threading.Event()
    thread = threading.Thread(target=server.serve, args=(1.0, stopping))
    thread.start()
    yield listening.getsockname()[1]
    stopping.set()
    thread.join(30)


def _announce(port: int, size: int, token: str) -> http.client.HTTPResponse:
    """Send the header only: an answer must not wait for the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("PUT", "/file")
    connection.putheader("Content-Length", str(size))
    connection.putheader("X-Auth-Token", token)
    connection.endheaders()
    return connection.getresponse()


def test_a_large_body_is_refused_before_it_is_sent(port: int) -> None:
    answer = _announce(port, 5 * _ALLOWED, "wrong")

    assert answer.status == 413
    assert json.loads(answer.read())["overLimit"]["code"] == 413


def test_a_body_of_no_announced_size_is_cut_off(port: int, taken: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    # The connection may be closed before all is sent, or before the answer is read.
    with suppress(ConnectionError):
        connection.request("PUT", "/file", iter([b"x" * 500] * 4), {"X-Auth-Token": "wrong"})
        assert connection.getresponse().status == 413

    assert taken == []


def test_the_right_token_may_send_more(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    connection.request("PUT", "/file", b"x" * 5 * _ALLOWED, {"X-Auth-Token": "right"})

    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"5000")
