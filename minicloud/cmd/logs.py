"""`minicloud logs`: the last lines of a service, or of all of them in the order of time."""

import argparse
import sys
from pathlib import Path

from minicloud.cmd.state import State
from minicloud.runtime import tail
from minicloud.runtime.clock import SystemClock

EMBEDDED_SERVICES = ("api", "compute", "conductor", "identity", "image", "scheduler")


def logs(options: argparse.Namespace) -> int:
    state = State(options.state_dir)
    found = _logs(state)
    if not found:
        print(f"no cloud has run in {state.root} yet", file=sys.stderr)
        return 3
    chosen, wanted = _choose(found, options.service)
    if not chosen:
        names = sorted({*found, *map(_service, found), *_embedded_names(found)})
        print(
            f"no such service: {options.service}; there are: {', '.join(names)}", file=sys.stderr
        )
        return 2
    width = max(map(len, chosen)) if len(chosen) > 1 else 0
    for name, line in tail.ends(chosen, options.lines, wanted):
        print(_shown(name, line, width))
    if options.follow:
        return _follow(chosen, wanted, width)
    return 0


def _follow(chosen: dict[str, Path], wanted: tail.Wanted, width: int) -> int:
    try:
        for name, line in tail.follow(chosen, wanted, SystemClock()):
            print(_shown(name, line, width), flush=True)
    except KeyboardInterrupt:
        pass
    return 0


def _logs(state: State) -> dict[str, Path]:
    """Every log there is, by the name of its process; also those of a cloud that stopped."""
    found = {path.stem: path for path in sorted(state.logs.glob("*.log")) if path.stat().st_size}
    for directory in sorted(state.servers.glob("*")):
        own = directory / "rabbitmq-node.log"
        log = own if own.exists() else directory / f"{directory.name}.log"
        if log.exists():
            found[directory.name] = log
    return found


def _choose(found: dict[str, Path], word: str | None) -> tuple[dict[str, Path], tail.Wanted]:
    if word is None:
        return found, lambda _line: True
    if word in _embedded_names(found) and not any(_service(name) == word for name in found):
        # One log for all: its lines name their loggers.
        return {"minicloud": found["minicloud"]}, lambda line: f" minicloud.{word}" in line
    if word in found:
        return {word: found[word]}, lambda _line: True
    chosen = {name: path for name, path in found.items() if _service(name) == word}
    return chosen, lambda _line: True


def _embedded_names(found: dict[str, Path]) -> tuple[str, ...]:
    return EMBEDDED_SERVICES if "minicloud" in found else ()


def _service(name: str) -> str:
    return name.rstrip("0123456789").rstrip("-")


def _shown(name: str, line: str, width: int) -> str:
    return f"{name:<{width}} | {line}" if width else line
