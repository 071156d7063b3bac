"""The real database code over SQLite in memory, emptied before each run."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from oslo_db import exception as db_exception
from sqlalchemy.orm import Session

from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.db.models import Base, Flavor, Image
from tests.simulation.kernel import EPOCH, Crash, Kernel, SimClock

T = TypeVar("T")

# id, processors, memory, disk; a host of world.py takes two of "half", and no "huge"
FLAVORS = (("small", 1, 512, 1), ("half", 2, 2048, 10), ("huge", 64, 1 << 20, 1))
IMAGE = "11111111-2222-4333-8444-555555555555"


class SimDatabase(Database):
    """Gives way before each transaction that writes, and fails when the dice say so."""

    kernel: Kernel
    crash: float = 0.0
    conflict: float = 0.0
    cut: float = 0.0
    crash_at: str | None = None  # a place where the first who comes dies
    lose_answer_of: str | None = None  # a write whose commit is not answered, once

    def __init__(self) -> None:
        super().__init__(
            "sqlite://", SimClock(lambda: self.kernel, sleeps=False), reach=self.reached
        )
        schema.create(self)

    def reset(self, kernel: Kernel) -> None:
        """An empty cloud with flavors."""
        self.kernel, self.writes = kernel, 0
        self.crash = self.conflict = self.cut = 0.0
        self.crash_at = self.lose_answer_of = None
        with self.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(sa.delete(table))
            connection.execute(sa.insert(Flavor), [_flavor(*facts) for facts in FLAVORS])
            connection.execute(sa.insert(Image), [_image()])

    def write(self, work: Callable[[Session], T], name: str = "") -> T:
        if self.kernel.current is not None:
            self.kernel.pause(self.kernel.dice.uniform(0, 0.005))
        return super().write(work, name)

    def reached(self, place: str) -> None:
        """runtime.steps.Reach of every process."""
        kernel = self.kernel
        if place == f"{self.lose_answer_of}:after":
            self.lose_answer_of = None
            raise db_exception.DBConnectionError()
        if kernel.current is None:
            return
        who = kernel.current.process
        if not who.alive:
            raise Crash
        kernel.say(who.name, place)
        if kernel.chance(self.crash) or place == self.crash_at:
            self.crash_at = None
            kernel.say(who.name, f"CRASH at {place}")
            who.alive = False
            raise Crash
        if place.endswith(":before") and not place.startswith("compute."):
            if kernel.chance(self.conflict):
                kernel.say(who.name, f"deadlock at {place}")
                raise db_exception.DBDeadlock()
        elif not place.startswith("compute.") and kernel.chance(self.cut):
            kernel.say(who.name, f"connection lost after {place}")
            raise db_exception.DBConnectionError()


def _flavor(name: str, vcpus: int, memory_mb: int, root_gb: int) -> dict[str, object]:
    return {
        "flavorid": name,
        "name": name,
        "vcpus": vcpus,
        "memory_mb": memory_mb,
        "root_gb": root_gb,
        "extra_specs": {},
        "created_at": EPOCH,
    }


def _image() -> dict[str, object]:
    return {
        "id": IMAGE,
        "name": "cirros",
        "owner": "p1",
        "status": "active",
        "visibility": "public",
        "protected": False,
        "hidden": False,
        "min_disk_gb": 0,
        "min_ram_mb": 0,
        "size_bytes": 7,
        "properties": {},
        "tags": [],
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
