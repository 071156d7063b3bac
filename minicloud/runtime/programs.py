"""What a supervisor can run: the protocol, and a program given by its command line."""

import itertools
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from minicloud.runtime.life import Life
from minicloud.runtime.service import PREDECESSOR, READY_FILE

_LAUNCHES = itertools.count(1)


class Runnable(Protocol):
    """A Program, or a private Server."""

    @property
    def name(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def log(self) -> Path: ...

    @property
    def ports(self) -> dict[str, int]: ...

    @property
    def overlap(self) -> bool:
        """Whether a successor may run before its predecessor has gone."""

    @property
    def stop_rank(self) -> int:
        """Lower ones are stopped first."""

    @property
    def stop_signal(self) -> int: ...

    @property
    def stop_patience_s(self) -> float: ...

    @property
    def start_patience_s(self) -> float: ...

    def launch(self, instead_of: int = 0) -> Life:
        """Start it and do not wait. `instead_of`: the process that ends once this one serves."""

    def after_stop(self) -> None: ...


@dataclass(frozen=True)
class Program:
    """A child process: `compute-2` is a process of the service `compute`."""

    name: str
    service: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    ready_directory: Path | None = None  # None: it is ready as soon as it runs
    overlap: bool = False
    stop_rank: int = 1
    stop_patience_s: float = 30.0
    start_patience_s: float = 60.0
    stop_signal: int = signal.SIGTERM
    ports: dict[str, int] = field(default_factory=dict)

    def launch(self, instead_of: int = 0) -> Life:
        """Start it in a session of its own: Ctrl-C at the terminal is for the supervisor alone."""
        env = {**os.environ, **self.env}
        if instead_of:
            env[PREDECESSOR] = str(instead_of)
        ready = self._ready_file()
        if ready is not None:
            env[READY_FILE] = str(ready)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                pass_fds=self.pass_fds,
                start_new_session=True,
            )
        return Life(process, lambda: _is_ready(process, ready))

    def after_stop(self) -> None:
        """Nothing was started beside it."""

    def _ready_file(self) -> Path | None:
        """Each launch has its own, as a successor and its predecessor run at the same time."""
        if self.ready_directory is None:
            return None
        file = self.ready_directory / f"{self.name}.{os.getpid()}.{next(_LAUNCHES)}.ready"
        file.unlink(missing_ok=True)
        return file


def _is_ready(process: subprocess.Popen[bytes], ready: Path | None) -> bool:
    if ready is None:
        return process.poll() is None
    if not ready.exists():
        return False
    ready.unlink(missing_ok=True)
    return True
