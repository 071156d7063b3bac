"""The ends of log files, merged by time, and what is added to them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from minicloud.runtime.clock import Clock
from minicloud.runtime.life import last_lines

Wanted = Callable[[str], bool]
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]?\d*")


def ends(logs: dict[str, Path], count: int, wanted: Wanted) -> list[tuple[str, str]]:
    """The last lines of all logs as (name, line), by their time stamps.

    A line without stamp (of a traceback, say) belongs to the one before it.
    """
    stamped = []
    for name, path in logs.items():
        stamp = ""
        for line in last_lines(path, count * 50):
            found = _STAMP.match(line)
            stamp = found[0].replace("T", " ").replace(",", ".") if found else stamp
            if wanted(line):
                stamped.append((stamp, name, line))
    stamped.sort(key=lambda entry: entry[0])
    return [(name, line) for _, name, line in stamped[-count:]]


def follow(logs: dict[str, Path], wanted: Wanted, clock: Clock) -> Iterator[tuple[str, str]]:
    """Every line that is added from now on; for ever."""
    places = {name: _size(path) for name, path in logs.items()}
    while True:
        for name, path in logs.items():
            if _size(path) < places[name]:
                places[name] = 0  # cut short, or begun anew
            lines, places[name] = _complete_lines(path, places[name])
            yield from ((name, line) for line in lines if wanted(line))
        clock.sleep(0.2)


def _complete_lines(path: Path, place: int) -> tuple[list[str], int]:
    try:
        with path.open("rb") as file:
            file.seek(place)
            text, newline, _rest = file.read().rpartition(b"\n")
    except FileNotFoundError:
        return [], 0
    if not newline:
        return [], place
    return text.decode(errors="replace").split("\n"), place + len(text) + 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
