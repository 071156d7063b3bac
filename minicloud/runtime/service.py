"""What a program of the cloud tells whoever started it."""

import gc
import os
from pathlib import Path

READY_FILE = "MINICLOUD_READY_FILE"
PREDECESSOR = "MINICLOUD_PREDECESSOR"


def tell_ready() -> None:
    """Say that this program serves now; without a supervisor nobody asked and nothing happens."""
    _spare_the_collector()
    name = os.environ.get(READY_FILE)
    if name:
        Path(name).touch()


def predecessor() -> int | None:
    """The process of this machine that is told to end once this one serves: a rolling restart."""
    pid = os.environ.get(PREDECESSOR, "")
    return int(pid) if pid.isdecimal() else None


def _spare_the_collector() -> None:
    """What was made at the start stays: the garbage collector need not look at it each time.

    A request makes some thousand objects that die by themselves; at the usual threshold of 700 the
    collector would run several times for each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
