"""A private ZooKeeper, alone."""

import socket
from collections.abc import Sequence
from pathlib import Path

from minicloud.errors import CannotStart
from minicloud.runtime import ports
from minicloud.runtime.servers.base import Server

_JAR = Path("/usr/share/java/zookeeper.jar")
_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
# A session ends at the first tick after its time, so ticks are short where leases may be; what a
# session may be at least and most does not follow from them then.
_CONF = """\
tickTime=200
minSessionTimeout=500
maxSessionTimeout=600000
maxClientCnxns=0
clientPort={port}
clientPortAddress=127.0.0.1
dataDir={data}
admin.enableServer=false
4lw.commands.whitelist=ruok
"""


class ZooKeeper(Server):
    name = "zookeeper"
    package = "zookeeper"
    programs = ("java",)

    @property
    def url(self) -> str:
        return f"zookeeper://{ports.LOOPBACK}:{self.port}"

    def check(self) -> None:
        if not _JAR.exists():
            raise CannotStart(
                f"{_JAR} is not on this machine: apt-get install {self.package} (Debian)"
            )
        super().check()

    def before_launch(self) -> None:
        self.check()
        text = _CONF.format(port=self.port, data=self.directory / "data")
        (self.directory / "zoo.cfg").write_text(text)

    def command(self) -> Sequence[str | Path]:
        # A quick start, as it never has much to do.
        java = [self.program("java"), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        if self._throwaway:
            java.append("-Dzookeeper.forceSync=no")
        path = f"{self.directory}:{_JAR}:/usr/share/java/slf4j-nop.jar"
        return [*java, "-cp", path, _MAIN, self.directory / "zoo.cfg"]

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"ruok")
        return connection.recv(4) == b"imok"
