"""Which process a name belongs to: told for an operator to find it, and a successor to know it."""

import os
import socket
import uuid as uuids
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from minicloud.runtime import pids
from minicloud.runtime.service import predecessor

Owner = Mapping[str, Any]  # nonce, program, machine, pid, started


def this_process(program: str) -> dict[str, Any]:
    """What tells this process, or this part of it, from all others that there ever were."""
    pid = os.getpid()
    return {
        "nonce": uuids.uuid4().hex,
        "program": program,
        "machine": _machine(),
        "pid": pid,
        "started": pids.start_time(pid) or pids.UNKNOWN,
    }


def is_gone(owner: Owner) -> bool:
    """Whether its process is known to have ended: it was one of this machine, and is not there."""
    if owner.get("machine") != _machine() or not isinstance(owner.get("pid"), int):
        return False
    return not pids.alive(owner["pid"], str(owner.get("started")))


def makes_room(owner: Owner) -> bool:
    """Whether its process has ended, or ends once this one serves."""
    is_predecessor = owner.get("pid") == predecessor() and owner.get("machine") == _machine()
    return is_gone(owner) or is_predecessor


def told(owner: Owner) -> str:
    """For people: program, process, machine, and since when."""
    machine = str(owner.get("machine", "an unknown machine")).partition(" ")[0]
    text = f"{owner.get('program', 'a program')}, process {owner.get('pid', '?')} on {machine}"
    return f"{text}, since {str(owner['since'])[:19]} UTC" if "since" in owner else text


def _machine() -> str:
    """Its name, this run of it, and whose pids are meant: containers have pids of their own."""
    words = [socket.gethostname()]
    with suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        words.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(words)
