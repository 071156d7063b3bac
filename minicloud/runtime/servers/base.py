"""A private server: a program of this machine, its data in a directory, a port of 127.0.0.1.

pifpaf starts the same programs, but it throws their data away when it stops and cannot start a
broker again on the data it had; `minicloud down` and `up` need both. Hence these few lines.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from minicloud.errors import CannotStart
from minicloud.runtime import pids, ports
from minicloud.runtime.clock import Clock, SystemClock
from minicloud.runtime.life import Life, with_log
from minicloud.runtime.passwords import secret, write_private

_PROGRAM_DIRECTORIES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")
_SOCKET_PATH_BYTES = 100
_PORT_PATIENCE_S = 5.0


class Server(ABC):
    """Subclasses say which program, which arguments and what an answer looks like.

    What must stay the same over stops and starts (port, password) is kept in `server.json`;
    `server.pid` names the running process, so that one left behind by a crash is ended first.
    """

    name = "server"
    package = "server"
    programs: tuple[str, ...] = ()
    stop_signal: int = signal.SIGTERM
    start_patience_s = 60.0
    stop_patience_s = 20.0
    overlap = False
    stop_rank = 2  # last: the programs of the cloud need it while they end

    def __init__(
        self,
        directory: Path,
        port: int = 0,
        *,
        throwaway: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """`throwaway`: the data may be lost with the machine's power, as that is faster."""
        self.directory = directory.absolute()
        self.notes: list[str] = []
        self.life: Life | None = None
        self._wanted_port = port
        self._throwaway = throwaway
        self._clock = clock or SystemClock()
        self._kept: dict[str, Any] = {}
        self._prepared = False

    @classmethod
    def known_at(cls, directory: Path) -> Self:
        """The server that another program runs there: to ask for its address, not to stop it."""
        server = cls(directory)
        server._kept = json.loads((server.directory / "server.json").read_text())
        server._prepared = True
        return server

    @property
    def service(self) -> str:
        return self.name

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def port(self) -> int:
        self.prepare()
        return int(self._kept["port"])

    @property
    def ports(self) -> dict[str, int]:
        return {self.name: self.port}

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client connects to."""

    @property
    def running(self) -> bool:
        return self.life is not None and not self.life.over

    def start(self) -> None:
        """Start it and wait until it answers; an error shows the end of its log."""
        if not self.running:
            self.launch()
            self.wait()

    def launch(self, instead_of: int = 0) -> Life:
        """Start it and do not wait; never beside another one."""
        assert not instead_of
        self.prepare()
        self.before_launch()
        self.life = Life(self.spawn(self.command(), self.environment()), self.answers)
        (self.directory / "server.pid").write_text(f"{self.life.pid} {self.life.started}\n")
        return self.life

    def wait(self) -> None:
        life, until = self.life, self._clock.monotonic() + self.start_patience_s
        assert life is not None
        while not life.is_ready():
            if life.over:
                raise CannotStart(with_log(f"{self.name} {life.how_it_ended()}", self.log))
            if self._clock.monotonic() > until:
                self.stop()
                message = f"{self.name} did not answer within {self.start_patience_s:.0f} s"
                raise CannotStart(with_log(message, self.log))
            self._clock.sleep(0.05)

    def stop(self) -> None:
        """Stop it, and everything that was started for it; the data stays."""
        if self.life is not None:
            self.life.end(self.stop_patience_s, self.stop_signal)
            self.life = None
        self.after_stop()
        (self.directory / "server.pid").unlink(missing_ok=True)

    def discard(self) -> None:
        """Stop it and remove its data."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def prepare(self) -> None:
        """Make the directory and, at the first time, the data; end what a crash left running."""
        if self._prepared:
            return
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError, ValueError):
            self._kept = json.loads((self.directory / "server.json").read_text())
        self._end_leftover(self.directory / "server.pid")
        self._choose_ports()
        self._kept.setdefault("password", secret())
        self._keep()
        self._prepared = True
        if not self._kept.get("initialised"):
            self.initialise()
            self._kept["initialised"] = True
            self._keep()

    # What subclasses say.

    extra_ports: tuple[str, ...] = ()

    def initialise(self) -> None:  # noqa: B027 - most servers need none
        """Make the data, once; called again when the first time was interrupted."""

    def before_launch(self) -> None:  # noqa: B027 - most servers need none
        """Whatever must be there before each start."""

    def after_stop(self) -> None:  # noqa: B027 - most servers need none
        """Whatever was started or made by `before_launch`."""

    def check(self) -> None:
        """CannotStart where one of its programs is missing; nothing is made or started."""
        for name in self.programs:
            self.program(name)

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """What starts it in the foreground."""

    def environment(self) -> Mapping[str, str]:
        return {}

    def greets(self, connection: socket.socket) -> bool:
        """Whether what the server says on a new connection means that it serves."""
        return True

    # What subclasses use.

    @property
    def password(self) -> str:
        self.prepare()
        return str(self._kept["password"])

    def answers(self) -> bool:
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), 2.0) as connection:
                return self.greets(connection)
        except OSError:
            return False

    def program(self, name: str, *directories: str) -> str:
        """Where the program is; without it one line says which Debian package has it."""
        places = [*directories, *os.environ.get("PATH", "").split(":"), *_PROGRAM_DIRECTORIES]
        found = shutil.which(name, path=":".join(places))
        if found is None:
            raise CannotStart(
                f"{name} is not on this machine: apt-get install {self.package} (Debian)"
            )
        return found

    def spawn(
        self, command: Sequence[str | Path], environment: Mapping[str, str], **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that Ctrl-C at the terminal is not for it."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **environment},
                start_new_session=True,
                **options,
            )

    def run(
        self, command: Sequence[str | Path], environment: Mapping[str, str], **options: Any
    ) -> None:
        """Run a program that prepares the data and must succeed."""
        options.setdefault("cwd", "/")
        with self.log.open("ab") as log:
            done = subprocess.run(
                [str(word) for word in command],
                stdin=None if "input" in options else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                check=False,
                **options,
            )
        if done.returncode:
            raise CannotStart(with_log(f"{command[0]} failed", self.log))

    def short_path(self, name: str) -> Path:
        """A path for a socket: in the directory, or where that is too long in a temporary one."""
        path = self.directory / name
        if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES:
            return path
        short = self._kept.get("sockets")
        if not short or not Path(short).is_dir():
            short = self._kept["sockets"] = tempfile.mkdtemp(prefix="minicloud-")
            self._keep()
        return Path(short) / name

    def forget_short_paths(self) -> None:
        short = self._kept.pop("sockets", None)
        if short:
            shutil.rmtree(short, ignore_errors=True)
            self._keep()

    def _end_leftover(self, file: Path) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid, started = file.read_text().split()
            pids.end(int(pid), started, self._clock, self.stop_patience_s, self.stop_signal)
            file.unlink()
            self._wait_for_port(self._kept.get("port"))

    def _wait_for_port(self, port: int | None) -> None:
        """The last thread of a process that has ended holds its sockets for a moment more."""
        until = self._clock.monotonic() + _PORT_PATIENCE_S
        while port and not ports.is_free(port) and self._clock.monotonic() < until:
            self._clock.sleep(0.02)

    def _choose_ports(self) -> None:
        """The ports of last time where they are free: whoever has the old address finds it."""
        if self._wanted_port:
            self._kept["port"] = self._wanted_port
        for key in ("port", *self.extra_ports):
            if key not in self._kept or not ports.is_free(self._kept[key]):
                if key == "port" and self._wanted_port:
                    raise CannotStart(f"{self.name}: port {self._wanted_port} is in use")
                self._kept[key] = ports.free_port()

    def _keep(self) -> None:
        write_private(self.directory / "server.json", json.dumps(self._kept, indent=1))
