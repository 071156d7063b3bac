"""Whether the Redis of the rate limits answers."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from minicloud.cmd import redis_away
from minicloud.cmd.state import State
from minicloud.runtime import ports


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path)
    made.make()
    return made


def _kept_at(state: State, url: str) -> None:
    state.conf.write_text(f"[ratelimit]\nstore = {url}\n")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server((ports.LOOPBACK, 0)) as made:
        yield made


def _answer(listening: socket.socket, text: bytes) -> None:
    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(64)
            connection.sendall(text)

    threading.Thread(target=serve, daemon=True).start()


@pytest.mark.parametrize("text", [b"+PONG\r\n", b"-NOAUTH Authentication required.\r\n"])
def test_one_that_answers_or_wants_a_password_is_there(
    state: State, listening: socket.socket, text: bytes
) -> None:
    _answer(listening, text)
    _kept_at(state, f"redis://:pa$$word@127.0.0.1:{listening.getsockname()[1]}/0")

    assert not redis_away.is_away(state)


def test_one_where_nobody_listens_is_away(state: State) -> None:
    _kept_at(state, f"redis://127.0.0.1:{ports.free_port()}")

    assert redis_away.is_away(state)


def test_one_that_hangs_is_away(
    state: State, listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_away, "_PATIENCE_S", 0.1)
    _kept_at(state, f"redis://127.0.0.1:{listening.getsockname()[1]}")

    assert redis_away.is_away(state)


def test_a_socket_that_is_not_there_is_away(state: State, tmp_path: Path) -> None:
    _kept_at(state, f"unix://{tmp_path / 'redis.sock'}")

    assert redis_away.is_away(state)


@pytest.mark.parametrize("url", ["rediss://127.0.0.1:1", "memory", "redis://127.0.0.1:none"])
def test_nothing_is_claimed_of_what_cannot_be_asked_simply(state: State, url: str) -> None:
    _kept_at(state, url)

    assert not redis_away.is_away(state)
