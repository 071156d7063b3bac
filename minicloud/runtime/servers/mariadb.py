"""A private MariaDB with one user, `minicloud`, who may make databases."""

import os
import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.passwords import write_private
from minicloud.runtime.servers.base import Server

# Run by the server at each start before it answers anybody. The installation leaves a root without
# password behind, whom any user of the machine could be: only `minicloud` stays.
_SETUP = """\
CREATE DATABASE IF NOT EXISTS minicloud CHARACTER SET utf8mb4;
CREATE OR REPLACE USER 'minicloud'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'minicloud'@'127.0.0.1';
DELETE FROM mysql.global_priv WHERE User NOT IN ('minicloud', 'mariadb.sys');
FLUSH PRIVILEGES;
"""
_GREETING = 10  # the version of the protocol; an error would be 255


class MariaDB(Server):
    name = "mariadb"
    package = "mariadb-server"
    programs = ("mariadb-install-db", "mariadbd")

    @property
    def url(self) -> str:
        return self.database_url("minicloud")

    def database_url(self, database: str) -> str:
        return f"mysql://minicloud:{self.password}@{ports.LOOPBACK}:{self.port}/{database}"

    def initialise(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        self.check()
        self._temporary.mkdir(mode=0o700, exist_ok=True)
        install = self.program("mariadb-install-db")
        # A relative path, as the script takes one with a space for two.
        self.run(
            [
                install,
                "--no-defaults",
                "--datadir=./data",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                *_as_root(),
            ],
            self.environment(),
            cwd=self.directory,
        )

    def environment(self) -> Mapping[str, str]:
        """A server that starts removes all temporary tables that it finds, those of others too."""
        return {"TMPDIR": str(self._temporary)}

    def before_launch(self) -> None:
        self._temporary.mkdir(mode=0o700, exist_ok=True)
        write_private(self._setup, _SETUP.format(password=self.password))
        self._socket.unlink(missing_ok=True)

    def after_stop(self) -> None:
        self.forget_short_paths()

    def command(self) -> Sequence[str | Path]:
        return [
            self.program("mariadbd"),
            "--no-defaults",
            *_as_root(),
            f"--datadir={self._data}",
            f"--bind-address={ports.LOOPBACK}",
            f"--port={self.port}",
            f"--socket={self._socket}",
            f"--pid-file={self.directory / 'mariadbd.pid'}",
            f"--init-file={self._setup}",
            "--character-set-server=utf8mb4",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--performance-schema=OFF",
            "--max-connections=500",
            "--innodb-buffer-pool-size=128M",
            # 2: what was committed outlives the server, and all but the last second the machine.
            f"--innodb-flush-log-at-trx-commit={0 if self._throwaway else 2}",
        ]

    def greets(self, connection: socket.socket) -> bool:
        head = connection.recv(5)
        return len(head) == 5 and head[4] == _GREETING

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _temporary(self) -> Path:
        return self.directory / "tmp"

    @property
    def _setup(self) -> Path:
        return self.directory / "setup.sql"

    @property
    def _socket(self) -> Path:
        return self.short_path("mariadb.sock")


def _as_root() -> list[str]:
    """MariaDB refuses to run as root unless told to."""
    return ["--user=root"] if os.geteuid() == 0 else []
