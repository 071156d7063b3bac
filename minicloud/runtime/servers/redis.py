"""A private Redis with a password."""

import socket
from collections.abc import Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.passwords import write_private
from minicloud.runtime.servers.base import Server


class Redis(Server):
    name = "redis"
    package = "redis-server"
    programs = ("redis-server",)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}"

    def before_launch(self) -> None:
        """The password is in a file, as others can see arguments."""
        write_private(self._conf, f"requirepass {self.password}\n")

    def command(self) -> Sequence[str | Path]:
        keep = ["--appendonly", "no"] if self._throwaway else ["--appendonly", "yes"]
        address = ["--bind", ports.LOOPBACK, "--port", str(self.port)]
        redis = self.program("redis-server")
        return [redis, self._conf, *address, "--dir", self.directory, *keep]

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(f"AUTH {self.password}\r\n".encode())
        return connection.recv(3) == b"+OK"

    @property
    def _conf(self) -> Path:
        return self.directory / "redis.conf"
