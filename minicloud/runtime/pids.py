"""Processes named by pid and start time, so that a pid used again never deceives."""

import contextlib
import os
import signal
from pathlib import Path

from minicloud.runtime.clock import Clock

UNKNOWN = "?"


def start_time(pid: int) -> str | None:
    """When the process started, in the kernel's count; None if it is gone (a zombie is gone)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self").exists() else _without_proc(pid)
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def alive(pid: int, started: str) -> bool:
    return start_time(pid) == started


def send(pid: int, started: str, number: int) -> bool:
    """Signal exactly this process; False when it is gone."""
    if not alive(pid, started):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def end(
    pid: int, started: str, clock: Clock, patience_s: float, first: int = signal.SIGTERM
) -> None:
    """Ask the process to end, and after the patience make it."""
    for number, seconds in ((first, patience_s), (signal.SIGKILL, 10.0)):
        if not send(pid, started, number) or gone(pid, started, clock, seconds):
            return


def gone(pid: int, started: str, clock: Clock, patience_s: float) -> bool:
    """Wait until the process is gone; False when it outlives the patience."""
    until = clock.monotonic() + patience_s
    while alive(pid, started):
        if clock.monotonic() > until:
            return False
        clock.sleep(0.02)
    return True


def resident_bytes(pid: int) -> int:
    """Memory that the process holds; 0 when it cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _without_proc(pid: int) -> str | None:
    """Some chroots have no /proc: then only the pid is known."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return UNKNOWN
