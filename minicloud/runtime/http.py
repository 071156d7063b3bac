"""Serves a WSGI application: waitress, with an end that loses no request.

waitress reads a request as a whole before a thread takes it, so slow clients cost no thread. At
the end it accepts nothing new (what waits in the listening socket's queue is for the others that
share it), answers what is under way with `Connection: close`, and goes when all is quiet.
"""

import copy
import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

from minicloud.runtime.clock import Clock

Allowance = Callable[[str, str, Mapping[str, str]], int]  # (verb, path, headers) -> bytes
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_QUIET_S = 0.5  # a connection that is idle for so long at the end is closed
_BACKLOG = 1024
_HEADER_S = 30.0
_SLOWEST_BYTES_PER_S = 10_000.0
_KINDS = {400: "badRequest", 413: "overLimit", 501: "notImplemented"}


class _Task(WSGITask):  # type: ignore[misc]
    def build_response_header(self) -> bytes:
        if self.channel.server.draining:
            self.set_close_on_finish()
        return super().build_response_header()  # type: ignore[no-any-return]


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Once the header is there, asks how large a body this request may send.

    A client has half a minute for the header, and for the body as long as a slow line needs.
    """

    def __init__(self, settings: Adjustments, allowance: Allowance, begun: float) -> None:
        super().__init__(settings)
        self.adj: Any = settings
        self._allowance, self._begun = allowance, begun

    def is_late(self, moment: float) -> bool:
        size = max(self.content_length, self.body_bytes_received)
        body_s = size / _SLOWEST_BYTES_PER_S if self.headers_finished else 0
        return moment - self._begun > _HEADER_S + body_s

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        settings: Any = copy.copy(self.adj)
        settings.max_request_body_size = self._allowance(self.command, self.path, self.headers)
        self.adj = settings


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What the server itself refuses, in the form that clients of these services read."""

    def execute(self) -> None:
        error = self.request.error
        kind = _KINDS.get(error.code, "computeFault")
        said = {"code": error.code, "message": f"{error.reason}: {error.body}"}
        body = json.dumps({kind: said}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    error_task_class = _Refusal

    def parser_class(self, settings: Adjustments) -> _Parser:
        return _Parser(settings, self.server.allowance, self.server.clock.monotonic())


class _Server(TcpWSGIServer):  # type: ignore[misc]
    channel_class = _Channel
    draining = False
    allowance: Allowance
    clock: Clock

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
    """`allowance` says how many bytes of body a request may send, before any is taken in."""

    def __init__(
        self,
        app: WsgiApp,
        listening: socket.socket,
        threads: int,
        clock: Clock,
        allowance: Allowance,
    ) -> None:
        self._clock = clock
        self._map: dict[int, Any] = {}
        settings = Adjustments(
            threads=threads,
            ident="minicloud",
            backlog=_BACKLOG,
            connection_limit=2000,
            channel_timeout=60,
            max_request_header_size=65536,
            asyncore_use_poll=True,
            expose_tracebacks=False,
            log_socket_errors=False,
        )
        about = (listening.family, listening.type, listening.proto, listening.getsockname())
        self._server = _Server(
            app, self._map, True, listening, adj=settings, sockinfo=about, bind_socket=False
        )
        self._server.allowance, self._server.clock = allowance, clock

    @property
    def address(self) -> tuple[str, int]:
        return self._server.effective_host, int(self._server.effective_port)

    @property
    def draining(self) -> bool:
        """Whether it takes nothing new any more."""
        return self._server.draining

    def serve(self, drain_s: float, stopping: threading.Event) -> None:
        """Answer requests until `stopping`, then drain for at most `drain_s` seconds."""
        while not stopping.is_set():
            self._turn(0.25)
        self._server.draining = True
        end = self._clock.monotonic() + drain_s
        quiet_since = self._clock.monotonic()
        while self._clock.monotonic() < end:
            self._turn(0.05)
            if any(channel.requests or channel.request for channel in self._channels()):
                quiet_since = self._clock.monotonic()
            elif not self._channels() or self._clock.monotonic() - quiet_since > _QUIET_S:
                break
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.close_all(self._map)

    def _turn(self, seconds: float) -> None:
        self._server.asyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)
        moment = self._clock.monotonic()
        for channel in self._channels():
            if channel.request is not None and channel.request.is_late(moment):
                channel.will_close = True

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())
