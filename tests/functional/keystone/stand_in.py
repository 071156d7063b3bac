"""What a service asks of Keystone, over HTTP, with trouble on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

_DOMAIN = {"id": "default", "name": "Default"}
_SERVICE = "of-the-service"
PASSWORD = "the service's"


class StandIn(ThreadingHTTPServer):
    """Knows the tokens in `documents`; `trouble` is a status, a text, or "silence"."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.documents: dict[str, dict[str, Any]] = {}
        self.validated: list[str] = []
        self.trouble: int | str | None = None
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, token: str, name: str, *roles: str) -> None:
        self.documents[token] = self.document(name, *roles)

    def document(self, name: str, *roles: str) -> dict[str, Any]:
        named = {"id": f"id-{name}", "name": name, "domain": _DOMAIN}
        endpoints = [
            {"id": interface, "interface": interface, "region": "R", "url": f"{self.url}/v3"}
            for interface in ("public", "internal", "admin")
        ]
        return {
            "methods": ["password"],
            "user": named,
            "project": named,
            "roles": [{"id": role, "name": role} for role in roles],
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "catalog": [{"id": "k", "type": "identity", "name": "k", "endpoints": endpoints}],
        }


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_GET(self) -> None:
        if self._is_trouble():
            return
        if not self.path.startswith("/v3/auth/tokens"):
            self._answer(300 if self.path == "/" else 200, self._versions())
            return
        token = self.headers["X-Subject-Token"]
        self.server.validated.append(token)
        if self.headers["X-Auth-Token"] != _SERVICE:
            self._answer(401, {"error": {"code": 401, "message": "no"}})
        elif token not in self.server.documents:
            self._answer(404, {"error": {"code": 404, "message": "Could not find token"}})
        else:
            self._answer(200, {"token": self.server.documents[token]}, token)

    def do_POST(self) -> None:
        asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._is_trouble():
            return
        password = asked["auth"]["identity"]["password"]["user"]["password"]
        if password != PASSWORD:
            self._answer(401, {"error": {"code": 401, "message": "no"}})
            return
        self._answer(201, {"token": self.server.document("nova", "service")}, _SERVICE)

    def _versions(self) -> dict[str, Any]:
        links = [{"rel": "self", "href": f"{self.server.url}/v3/"}]
        version = {"id": "v3.14", "status": "stable", "links": links}
        return {"versions": {"values": [version]}} if self.path == "/" else {"version": version}

    def _is_trouble(self) -> bool:
        trouble = self.server.trouble
        if trouble == "silence":
            self.server.over.wait(60)
            self.close_connection = True
        elif isinstance(trouble, int):
            self._answer(trouble, {"error": {"code": trouble, "message": "trouble"}})
        elif trouble is not None:
            self._send(200, trouble.encode())
        return trouble is not None

    def _answer(self, status: int, body: Any, token: str | None = None) -> None:
        self._send(status, orjson.dumps(body), token)

    def _send(self, status: int, body: bytes, token: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if token:
            self.send_header("X-Subject-Token", token)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        serving.join()
        server.server_close()
