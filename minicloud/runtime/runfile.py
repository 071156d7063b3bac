"""`run.json`: what runs in a state directory, written by `up`, read by every other command."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from minicloud.runtime import pids
from minicloud.runtime.passwords import write_private

EMBEDDED, PROCESSES = "embedded", "processes"


@dataclass
class Child:
    """One process of a deployment, as last seen by its supervisor."""

    name: str
    service: str
    pid: int
    process_started: str
    state: str
    restarts: int
    started_at: str
    log: str
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        return self.pid > 0 and pids.alive(self.pid, self.process_started)


@dataclass
class Run:
    """The process that `minicloud up` is, and its children."""

    mode: str
    state: str
    pid: int
    process_started: str
    started_at: str
    version: str
    hosts: int
    urls: dict[str, str]
    ports: dict[str, int]
    control: str = ""
    identity: dict[str, str] = field(default_factory=dict)  # url, region, users; empty: our own
    rate_limits: str = ""  # where they come from; empty: nothing is limited
    servicegroup: str = ""  # who knows which services live, and where; empty: the database
    children: list[Child] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        return pids.alive(self.pid, self.process_started)

    def matching(self, word: str) -> list[Child]:
        """The children of this name, or all of this service."""
        exact = [child for child in self.children if child.name == word]
        return exact or [child for child in self.children if child.service == word]

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self), indent=1) + "\n")


def read(path: Path) -> Run | None:
    """What the file says; None when nothing was ever started, or by another release."""
    try:
        values: dict[str, Any] = json.loads(path.read_text())
        children = [Child(**child) for child in values.pop("children")]
        return Run(**values, children=children)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def names(children: Iterable[Child]) -> list[str]:
    """Every word that names something: services and single processes."""
    found = list(children)
    return sorted({child.service for child in found} | {child.name for child in found})
