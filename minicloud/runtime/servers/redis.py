"""A private Redis."""

import socket
from collections.abc import Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.servers.base import Server


class Redis(Server):
    name = "redis"
    package = "redis-server"

    @property
    def url(self) -> str:
        return f"redis://{ports.LOOPBACK}:{self.port}"

    def command(self) -> Sequence[str | Path]:
        keep = ["--appendonly", "no"] if self._throwaway else ["--appendonly", "yes"]
        address = ["--bind", ports.LOOPBACK, "--port", str(self.port)]
        return [self.program("redis-server"), *address, "--dir", self.directory, *keep]

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"PING\r\n")
        return connection.recv(5) == b"+PONG"
