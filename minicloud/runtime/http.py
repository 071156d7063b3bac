"""Serves a WSGI application: waitress, with an end that loses no request.

waitress reads a request as a whole before a thread takes it, so slow clients cost no thread. At
the end it accepts nothing new (what waits in the listening socket's queue is for the others that
share it), answers what is under way with `Connection: close`, and goes when all is quiet.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

from minicloud.runtime.clock import Clock

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_QUIET_S = 0.5  # a connection that is idle for so long at the end is closed
_BACKLOG = 1024


class _Task(WSGITask):  # type: ignore[misc]
    def build_response_header(self) -> bytes:
        if self.channel.server.draining:
            self.set_close_on_finish()
        return super().build_response_header()  # type: ignore[no-any-return]


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    error_task_class = ErrorTask


class _Server(TcpWSGIServer):  # type: ignore[misc]
    channel_class = _Channel
    draining = False

    def readable(self) -> bool:
        return bool(super().readable()) and not self.draining


def listen(address: str, port: int) -> socket.socket:
    """A socket that queues connections from now on."""
    listening = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, port))
    listening.listen(_BACKLOG)
    return listening


class HttpServer:
    def __init__(self, app: WsgiApp, listening: socket.socket, threads: int, clock: Clock) -> None:
        self._clock = clock
        self._map: dict[int, Any] = {}
        settings = Adjustments(
            threads=threads,
            ident="minicloud",
            backlog=_BACKLOG,
            connection_limit=2000,
            channel_timeout=60,
            max_request_header_size=65536,
            max_request_body_size=1 << 42,  # the applications limit bodies, each to its needs
            asyncore_use_poll=True,
            expose_tracebacks=False,
            log_socket_errors=False,
        )
        about = (listening.family, listening.type, listening.proto, listening.getsockname())
        self._server = _Server(
            app, self._map, True, listening, adj=settings, sockinfo=about, bind_socket=False
        )

    def serve(self, drain_s: float, stopping: threading.Event) -> None:
        """Answer requests until `stopping`, then drain for at most `drain_s` seconds."""
        while not stopping.is_set():
            self._turn(0.25)
        self._server.draining = True
        end = self._clock.monotonic() + drain_s
        quiet_since = self._clock.monotonic()
        while self._clock.monotonic() < end:
            self._turn(0.05)
            if any(channel.requests for channel in self._channels()):
                quiet_since = self._clock.monotonic()
            elif not self._channels() or self._clock.monotonic() - quiet_since > _QUIET_S:
                break
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.close_all(self._map)

    def _turn(self, seconds: float) -> None:
        self._server.asyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())
