"""Numbered steps of the work: places where a test may stop the process.

Around each write and each act on a guest the code says `steps.reach("scheduler.claim:before")`.
In service this does nothing; the crash tests name one place in the environment and the process
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
    """End this process by SIGKILL at the first arrival at `place`; processes share `marker`."""

    def __init__(self, place: str, marker: Path) -> None:
        self._place, self._marker = place, marker

    def __call__(self, place: str) -> None:
        if place != self._place:
            return
        try:
            os.close(os.open(self._marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        end_now()


def from_environment(environ: dict[str, str]) -> Reach:
    """MINICLOUD_CRASH_AT=<place> with MINICLOUD_CRASH_MARKER=<file>; otherwise nothing happens."""
    place, marker = environ.get("MINICLOUD_CRASH_AT"), environ.get("MINICLOUD_CRASH_MARKER")
    return KillAt(place, Path(marker)) if place and marker else nothing
