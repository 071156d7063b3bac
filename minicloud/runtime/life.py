"""One life of a child process: from its start to its end."""

import contextlib
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from minicloud.runtime import pids


@dataclass
class Life:
    """A started process and how to ask whether it serves."""

    process: subprocess.Popen[bytes]
    is_ready: Callable[[], bool]
    started: str = field(init=False)

    def __post_init__(self) -> None:
        self.started = pids.start_time(self.process.pid) or pids.UNKNOWN

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def over(self) -> bool:
        return self.process.poll() is not None

    def send(self, number: int) -> None:
        # Popen knows whether it has collected the process, so this pid is still ours.
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def end(self, patience_s: float, first: int = signal.SIGTERM) -> None:
        """Ask it to end and wait; after the patience make it."""
        self.send(first)
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def how_it_ended(self) -> str:
        code = self.process.poll()
        if code is None:
            return "is running"
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with code {code}"


def last_lines(path: Path, count: int = 12) -> list[str]:
    """The end of a log, for an error that says why; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


def with_log(message: str, log: Path) -> str:
    """The message, and below it what the log says at its end."""
    return "\n".join([f"{message}; the end of {log}:", *(f"  {line}" for line in last_lines(log))])
