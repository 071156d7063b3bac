"""Where simulated guests live: an SQLite file that outlasts the agent, or memory for tests."""

import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from minicloud.instance_states import Mark, Power

_SCHEMA = """
CREATE TABLE IF NOT EXISTS guests (
    host TEXT NOT NULL, uuid TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (host, uuid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deaths (host TEXT, uuid TEXT, PRIMARY KEY (host, uuid));
"""


@dataclass(frozen=True)
class Simulated:
    """One simulated guest; `boots` counts its starts. `marks`: see drivers.base.Guest."""

    uuid: str
    name: str
    image: str | None
    vcpus: int
    memory_mb: int
    power: int
    marks: Mapping[str, int] = field(default_factory=dict)
    boots: int = 1
    rescue_image: str | None = None
    password_hash: str | None = None

    @classmethod
    def of(cls, record: bytes) -> "Simulated":
        """From what the file holds; the first release kept one label only."""
        facts = orjson.loads(record)
        if "booted" in facts:
            label = facts.pop("booted")
            facts["marks"] = {str(Mark.MADE): label, str(Mark.BOOTED): label}
        return cls(**facts)

    def at(self, power: Power) -> "Simulated":
        return replace(self, power=int(power))

    def started(self, label: int) -> "Simulated":
        on = replace(self, power=int(Power.RUNNING), boots=self.boots + 1)
        return on.marked(Mark.BOOTED, label)

    def marked(self, mark: Mark, label: int) -> "Simulated":
        return replace(self, marks={**self.marks, str(mark): label})


class GuestStore:
    """Survives a SIGKILL of the agent (not a loss of power: what it holds is a simulation)."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            str(path) if path else ":memory:",
            check_same_thread=False,
            isolation_level=None,
            timeout=30,
        )
        self._lock = threading.Lock()
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def list(self, host: str) -> dict[str, Simulated]:
        with self._lock:
            rows = self._db.execute("SELECT record FROM guests WHERE host = ?", (host,)).fetchall()
        guests = [Simulated.of(record) for (record,) in rows]
        return {guest.uuid: guest for guest in guests}

    def get(self, host: str, uuid: str) -> Simulated | None:
        with self._lock:
            row = self._db.execute(
                "SELECT record FROM guests WHERE host = ? AND uuid = ?", (host, uuid)
            ).fetchone()
        return Simulated.of(row[0]) if row else None

    def put(self, host: str, guest: Simulated) -> None:
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO guests VALUES (?, ?, ?)",
                (host, guest.uuid, orjson.dumps(guest)),
            )

    def remove(self, host: str, uuid: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM guests WHERE host = ? AND uuid = ?", (host, uuid))

    def first_death(self, host: str, uuid: str) -> bool:
        """Note that the agent dies over this guest; False when it has done so before."""
        with self._lock:
            done = self._db.execute(
                "INSERT OR IGNORE INTO deaths VALUES (?, ?)", (host, uuid)
            ).rowcount
        return done == 1

    def close(self) -> None:
        self._db.close()
