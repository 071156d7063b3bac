"""A private etcd, alone, without passwords: it listens on the loopback only."""

import platform
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.servers.base import Server

_HEALTHY = b'"health":"true"'
# Go's names of machines; etcd starts on others than amd64 only when it is told their name.
_AMD64, _MACHINES = "x86_64", {"aarch64": "arm64", "armv7l": "arm", "i686": "386"}
# It grants no lease of less than one and a half times the time of an election, in whole seconds;
# and waits for an election at each start, though it is alone.
_HEARTBEAT_MS, _ELECTION_MS = 50, 500


class Etcd(Server):
    name = "etcd"
    package = "etcd-server"
    programs = ("etcd",)
    extra_ports = ("peer_port",)

    @property
    def url(self) -> str:
        return f"etcd3+{self._address}"

    @property
    def ports(self) -> dict[str, int]:
        return {"etcd": self.port, "peer": self._kept["peer_port"]}

    def command(self) -> Sequence[str | Path]:
        # It insists on an address for others like it, though there are none.
        peer = f"http://{ports.LOOPBACK}:{self._kept['peer_port']}"
        return [
            self.program("etcd"),
            *("--name", self.name, "--data-dir", self.directory / "data"),
            *("--listen-client-urls", self._address, "--advertise-client-urls", self._address),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"{self.name}={peer}"),
            *("--heartbeat-interval", str(_HEARTBEAT_MS)),
            *("--election-timeout", str(_ELECTION_MS)),
            *("--auto-compaction-mode", "revision", "--auto-compaction-retention", "1000"),
            *("--logger", "zap", "--log-level", "warn"),
        ]

    def environment(self) -> Mapping[str, str]:
        machine = platform.machine()
        told = {"ETCD_UNSUPPORTED_ARCH": _MACHINES.get(machine, machine)}
        return {} if machine == _AMD64 else told

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
        return _HEALTHY in answer

    @property
    def _address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"
