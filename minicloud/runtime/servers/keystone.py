"""A private Keystone, the real one: its own SQLite database and keys, served on the loopback."""

import os
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from minicloud.errors import CannotStart
from minicloud.runtime import ports
from minicloud.runtime.passwords import write_private
from minicloud.runtime.servers.base import Server

ADMIN: Final = "admin"  # the user, and the project it is an administrator of
REGION: Final = "RegionOne"
_PACKAGE: Final = "keystone"  # of Python; it comes with minicloud[keystone]
_CONF: Final = """\
[DEFAULT]
public_endpoint = {address}
use_stderr = true
[database]
connection = sqlite:///{directory}/keystone.sqlite
sqlite_synchronous = {synchronous}
[fernet_tokens]
key_repository = {directory}/fernet-keys
[fernet_receipts]
key_repository = {directory}/fernet-keys
[credential]
key_repository = {directory}/credential-keys
[cache]
enabled = true
backend = oslo_cache.dict
[identity]
password_hash_rounds = {rounds}
[oslo_policy]
enforce_scope = true
"""


class Keystone(Server):
    """`password` is that of its user `admin`, and `url` its Identity v3 address."""

    name = "keystone"

    def __init__(self, directory: Path, password: str | None = None, **options: Any) -> None:
        """`password` counts at the first start; without one it is made by chance."""
        super().__init__(directory, **options)
        if password is not None:
            self._kept["password"] = password

    @property
    def url(self) -> str:
        return f"{self._address}/v3"

    def initialise(self) -> None:
        for made in ("fernet-keys", "credential-keys"):
            shutil.rmtree(self.directory / made, ignore_errors=True)
            (self.directory / made).mkdir(mode=0o700)
        (self.directory / "keystone.sqlite").unlink(missing_ok=True)
        self._write_conf()
        owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
        steps = [
            *("manage", "db_sync"),
            *("--", "fernet_setup", *owner),
            *("--", "credential_setup", *owner),
            *("--", "bootstrap", "--bootstrap-region-id", REGION),
        ]
        # What any user can see in the table of processes is no place for a password.
        secret = {"OS_BOOTSTRAP_PASSWORD": str(self._kept["password"])}
        urls = {f"OS_BOOTSTRAP_{kind}_URL": self.url for kind in ("PUBLIC", "INTERNAL", "ADMIN")}
        self.run(self._runner(*steps), {**self.environment(), **secret, **urls})

    def before_launch(self) -> None:
        self._write_conf()

    def command(self) -> Sequence[str | Path]:
        return self._runner("serve", ports.LOOPBACK, str(self.port))

    def environment(self) -> Mapping[str, str]:
        return {"OS_KEYSTONE_CONFIG_FILES": str(self._conf), "PYTHONWARNINGS": "ignore"}

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"GET /v3 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return b" 200 " in connection.recv(32)

    def _runner(self, *words: str) -> list[str]:
        if find_spec(_PACKAGE) is None:
            raise CannotStart("Keystone is not installed: pip install 'minicloud[keystone]'")
        return [sys.executable, "-m", "minicloud.runtime.servers.keystone_runner", *words]

    def _write_conf(self) -> None:
        text = _CONF.format(
            address=self._address,
            directory=str(self.directory).replace("$", "$$"),
            synchronous=str(not self._throwaway).lower(),
            rounds=4 if self._throwaway else 10,
        )
        write_private(self._conf, text)

    @property
    def _address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    @property
    def _conf(self) -> Path:
        return self.directory / "keystone.conf"
