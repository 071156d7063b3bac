"""A private PostgreSQL with one user, `minicloud`, who may make databases."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minicloud.errors import CannotStart
from minicloud.runtime import ports
from minicloud.runtime.servers.base import Server

_STARTUP = b"user\0minicloud\0database\0minicloud\0\0"
_PROTOCOL_3 = 196608
_AUTHENTICATE = b"R"


class PostgreSQL(Server):
    """As root it runs as the user `postgres`, since PostgreSQL refuses to be root."""

    name = "postgresql"
    package = "postgresql"
    stop_signal = signal.SIGINT  # "fast": it does not wait until all clients have left

    @property
    def url(self) -> str:
        return self.database_url("minicloud")

    def database_url(self, database: str) -> str:
        return f"postgresql://minicloud:{self.password}@{ports.LOOPBACK}:{self.port}/{database}"

    def check(self) -> None:
        self._program("initdb")
        self._program("postgres")

    def initialise(self) -> None:
        initdb, postgres = self._program("initdb"), self._program("postgres")
        data = self._empty_data_directory()
        words = data.parent / "password"
        words.write_text(self.password)
        words.chmod(0o600)
        if _switch():
            shutil.chown(words, **_switch())
        locale = ["--encoding=UTF8", "--no-locale"]
        user = ["--username=minicloud", f"--pwfile={words}", "--auth=scram-sha-256"]
        self.run([initdb, *user, *locale, "--no-sync", f"--pgdata={data}"], {}, **_switch())
        words.unlink()
        self.run(
            [postgres, "--single", "-D", data, "postgres"],
            {},
            input=b"CREATE DATABASE minicloud;\n",
            **_switch(),
        )

    def discard(self) -> None:
        super().discard()
        if self._elsewhere:
            shutil.rmtree(self._data.parent, ignore_errors=True)

    def command(self) -> Sequence[str | Path]:
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            "fsync": "off" if self._throwaway else "on",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self._program("postgres"), "-D", self._data, *words]

    def spawn(
        self, command: Sequence[str | Path], environment: Mapping[str, str], **options: Any
    ) -> subprocess.Popen[bytes]:
        return super().spawn(command, environment, **options, **_switch())

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(struct.pack("!II", 8 + len(_STARTUP), _PROTOCOL_3) + _STARTUP)
        return connection.recv(1) == _AUTHENTICATE

    @property
    def _data(self) -> Path:
        return Path(self._kept["data"])

    @property
    def _elsewhere(self) -> bool:
        return "data" in self._kept and not self._data.is_relative_to(self.directory)

    def _program(self, name: str) -> str:
        """Debian keeps the programs of each version in a directory of its own; newest first."""
        versions = Path("/usr/lib/postgresql").glob("*/bin")
        newest = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
        return self.program(name, *map(str, newest))

    def _empty_data_directory(self) -> Path:
        """In the server's directory, or elsewhere when the user postgres cannot get there."""
        shutil.rmtree(self._kept.get("data", self.directory / "data"), ignore_errors=True)
        data = self.directory / "data"
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _switch():
            self.directory.chmod(0o711)
            shutil.chown(data, **_switch())
            if not _reachable(data):
                data.rmdir()
                data = Path(tempfile.mkdtemp(prefix="minicloud-postgresql-", dir="/var/tmp"))
                shutil.chown(data, **_switch())
                data = data / "data"
                self.notes.append(
                    f"the user postgres cannot enter {self.directory}: data in {data}"
                )
                data.mkdir(mode=0o700)
                shutil.chown(data, **_switch())
        self._kept["data"] = str(data)
        self._keep()
        return data


def _switch() -> dict[str, Any]:
    """Whom to run as: nobody else, or postgres when we are root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres"}


def _reachable(path: Path) -> bool:
    try:
        done = subprocess.run(["test", "-w", path], check=False, cwd="/", **_switch())
    except LookupError as error:
        raise CannotStart("the user postgres is missing: apt-get install postgresql") from error
    return done.returncode == 0
