"""A private memcached; it keeps nothing over a stop."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.servers.base import Server


class Memcached(Server):
    name = "memcached"
    package = "memcached"
    programs = ("memcached",)

    @property
    def url(self) -> str:
        return f"memcached://{ports.LOOPBACK}:{self.port}"

    def command(self) -> Sequence[str | Path]:
        user = ["-u", "root"] if os.geteuid() == 0 else []
        return [self.program("memcached"), "-l", ports.LOOPBACK, "-p", str(self.port), *user]

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"version\r\n")
        return connection.recv(7) == b"VERSION"
