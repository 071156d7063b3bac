"""What a supervisor that was killed left running: found by pid and start time, and ended."""

import contextlib
from pathlib import Path

from minicloud.runtime import pids
from minicloud.runtime.clock import Clock
from minicloud.runtime.runfile import Run

PATIENCE_S = 20.0


def end_leftovers(run: Run | None, servers: Path, clock: Clock) -> None:
    """End the programs first, then their servers, then what runs beside a server."""
    for child in reversed(run.children if run else []):
        if child.pid:
            pids.end(child.pid, child.process_started, clock, PATIENCE_S)
    for file in servers.glob("*/*.pid"):
        with contextlib.suppress(OSError, ValueError):
            pid, started = file.read_text().split()  # a server's own pid file has one word
            pids.end(int(pid), started, clock, PATIENCE_S)
