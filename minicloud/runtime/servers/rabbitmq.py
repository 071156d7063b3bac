"""A private RabbitMQ: own node, own port mapper, own cookie; no plug-ins."""

import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from minicloud.runtime import ports
from minicloud.runtime.life import Life
from minicloud.runtime.passwords import write_private
from minicloud.runtime.servers.base import Server

# Debian's /usr/sbin/rabbitmq-server changes to the user rabbitmq; this one runs as us.
_BIN = "/usr/lib/rabbitmq/bin"
_PROTOCOL = b"AMQP\x00\x00\x09\x01"
_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"
_METHOD_FRAME = b"\x01\x00\x00"

_CONF = """\
listeners.tcp.default = 127.0.0.1:{port}
default_user = minicloud
default_pass = {password}
default_user_tags.administrator = true
disk_free_limit.absolute = 10MB
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 33554432
log.file.level = info
"""
# Names are looked up in this file first, as a small container may lack "localhost" in /etc/hosts.
_INETRC = '{lookup, [file, native]}.\n{host, {127,0,0,1}, ["localhost"]}.\n'


class RabbitMQ(Server):
    name = "rabbitmq"
    package = "rabbitmq-server"
    start_patience_s = 120.0
    extra_ports = ("dist_port", "epmd_port")

    _epmd: Life | None = None

    @property
    def url(self) -> str:
        return self.vhost_url("")

    def vhost_url(self, vhost: str) -> str:
        """The address of a virtual host; the empty name is the default one, "/"."""
        return f"rabbit://minicloud:{self.password}@{ports.LOOPBACK}:{self.port}/{vhost}"

    @property
    def ports(self) -> dict[str, int]:
        kept = self._kept
        return {"rabbitmq": self.port, "dist": kept["dist_port"], "epmd": kept["epmd_port"]}

    def check(self) -> None:
        self.program("rabbitmq-server", _BIN)
        self.program("epmd")

    def initialise(self) -> None:
        shutil.rmtree(self.directory / "mnesia", ignore_errors=True)

    def before_launch(self) -> None:
        (self.directory / "enabled_plugins").write_text("[].\n")
        (self.directory / "inetrc").write_text(_INETRC)
        write_private(
            self.directory / "rabbitmq.conf",
            _CONF.format(port=self.port, password=self.password),
        )
        if self._epmd is None or self._epmd.over:
            # Ours and in the foreground: the one that Erlang starts by itself is a daemon, which
            # would stay behind.
            self._end_leftover(self._epmd_pid_file)
            epmd = self.program("epmd")
            self._epmd = Life(self.spawn([epmd], self.environment()), lambda: True)
            self._epmd_pid_file.write_text(f"{self._epmd.pid} {self._epmd.started}\n")
            self._wait_for_epmd()

    def after_stop(self) -> None:
        if self._epmd is not None:
            self._epmd.end(5.0)
            self._epmd = None
            self._epmd_pid_file.unlink(missing_ok=True)

    def command(self) -> Sequence[str | Path]:
        return [self.program("rabbitmq-server", _BIN)]

    def environment(self) -> Mapping[str, str]:
        here = str(self.directory)
        return {
            "HOME": here,  # where the cookie is
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": "minicloud@localhost",
            "RABBITMQ_NODE_PORT": str(self._kept["port"]),
            "RABBITMQ_NODE_IP_ADDRESS": ports.LOOPBACK,
            "RABBITMQ_DIST_PORT": str(self._kept["dist_port"]),
            "ERL_EPMD_PORT": str(self._kept["epmd_port"]),
            "ERL_EPMD_ADDRESS": ports.LOOPBACK,
            "ERL_INETRC": f"{here}/inetrc",
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_MNESIA_BASE": f"{here}/mnesia",
            "RABBITMQ_LOG_BASE": here,
            "RABBITMQ_LOGS": f"{here}/rabbitmq-node.log",
            "RABBITMQ_PID_FILE": f"{here}/rabbitmq.pid",
            "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{here}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{here}/generated",
            # Erlang programs talk to one another (rabbitmqctl to the server) on the loopback only.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _LOOPBACK_ONLY,
            "RABBITMQ_CTL_ERL_ARGS": _LOOPBACK_ONLY,
            # The script then becomes the server instead of waiting for it: signals reach it.
            "RUNNING_UNDER_SYSTEMD": "true",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(_PROTOCOL)
        return connection.recv(3) == _METHOD_FRAME

    def control(self, *words: str) -> str:
        """Run rabbitmqctl on this server and return what it prints; it takes about a second."""
        done = subprocess.run(
            [self.program("rabbitmqctl", _BIN), *words],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **self.environment()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            check=True,
        )
        return done.stdout

    def add_vhost(self, name: str) -> str:
        """Make a virtual host; returns its address."""
        self.control("add_vhost", name)
        self.control("set_permissions", "-p", name, "minicloud", ".*", ".*", ".*")
        return self.vhost_url(name)

    @property
    def _epmd_pid_file(self) -> Path:
        return self.directory / "epmd.pid"

    def _wait_for_epmd(self) -> None:
        until = self._clock.monotonic() + 5.0
        while ports.is_free(self._kept["epmd_port"]) and self._clock.monotonic() < until:
            self._clock.sleep(0.02)
