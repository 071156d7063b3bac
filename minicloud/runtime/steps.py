"""Numbered steps of the work: places where a test may stop the process.

Around each write and each act on a guest the code says `steps.reach("scheduler.claim:before")`.
In service this does nothing; the crash tests arm a place by a file of its name and a process
ends there by SIGKILL, once; the simulation raises instead.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

Reach = Callable[[str], None]


def nothing(_place: str) -> None:
    """Go on."""


def end_now() -> None:
    """End this process as a crash would: no clean-up, no last words."""
    os.kill(os.getpid(), signal.SIGKILL)


class KillAt:
    """End this process by SIGKILL at a place that a file in `armed` is named for.

    Who removes the file dies: of all processes that share the directory exactly one, once.
    """

    def __init__(self, armed: Path) -> None:
        self._armed = armed

    def __call__(self, place: str) -> None:
        try:
            os.unlink(self._armed / place)
        except FileNotFoundError:
            return
        end_now()


def from_environment(environ: dict[str, str]) -> Reach:
    """MINICLOUD_CRASH_DIR=<directory of places>; without it nothing happens."""
    armed = environ.get("MINICLOUD_CRASH_DIR")
    return KillAt(Path(armed)) if armed else nothing
