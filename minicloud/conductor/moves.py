"""What the end of a task means for a move to another host: where the instance is, what is held.

While a move is open there is room for the instance at both ends: its own row stands for one, the
move's `held_host` for the other. Here the two change places, or the other end is given up.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud.db import migrations
from minicloud.db.hosts import Need
from minicloud.db.models import Instance, Migration
from minicloud.db.placements import at, hold
from minicloud.instance_states import MOVING, Task, VmState

Facts = dict[str, Any]
Free = Callable[[str, Need], None]  # give room on a host back

_ARRIVES = frozenset({Task.RESIZE_MIGRATING, Task.MIGRATING_IN})  # once done it is elsewhere
_RETURNS = frozenset({Task.RESIZE_FINISH, Task.REBUILD_SPAWNING})  # once failed it is back
_ENDS_WELL: Mapping[Task, str] = {
    Task.RESIZE_CONFIRMING: "confirmed",
    Task.RESIZE_REVERT_FINISH: "reverted",
    Task.MIGRATING_OUT: "completed",
    Task.REBUILD_SPAWNING: "done",
}
_GOES_ON: Mapping[Task, str] = {
    Task.RESIZE_MIGRATING: "post-migrating",
    Task.RESIZE_FINISH: "finished",
    Task.MIGRATING_IN: "running",
}


class Moves:
    """The open moves of locked rows, and what is to be written about them."""

    def __init__(self, db: Session, free: Free) -> None:
        self._db, self._free = db, free
        self._open: dict[str, Migration] = {}
        self._changes: list[tuple[int, Facts]] = []

    def take(self, rows: Iterable[Instance]) -> None:
        """Read the moves of these rows; a row has one at a time."""
        moved = [r.uuid for r in rows if r.task_state in MOVING or r.vm_state == VmState.RESIZED]
        self._open |= migrations.open_of(self._db, moved)

    def of(self, row: Instance) -> Migration | None:
        return self._open.get(row.uuid)

    def done(self, row: Instance, task: Task) -> Facts:
        """What changes in the row when this task has reached its goal."""
        move = self.of(row)
        if move is None:
            return {}
        if task in _ARRIVES:
            held = hold(row.host, Need.of(row))
            self._change(move, {"status": _GOES_ON[task], **held})
            return at(move.dest_compute, move.dest_node, move.new_flavor)
        if task is Task.RESIZE_REVERTING:
            return self._back(row, move, "reverting")
        if task in _ENDS_WELL:
            self._end(move, _ENDS_WELL[task])
        elif task in _GOES_ON:
            self._change(move, {"status": _GOES_ON[task]})
        return {}

    def failed(self, row: Instance, task: Task) -> Facts:
        """What changes in the row when this task cannot be done."""
        move = self.of(row)
        if move is None:
            return {}
        if task in _RETURNS:
            return self._back(row, move, "error")
        self._end(move, "error")
        return {}

    def write(self, now: datetime) -> None:
        migrations.change(self._db, self._changes, now)

    def _back(self, row: Instance, move: Migration, status: str) -> Facts:
        """It belongs to the host that it came from again; the other gets its room back."""
        self._free(row.host or "", Need.of(row))
        self._change(move, {"status": status, **hold(None, Need())})
        return at(move.source_compute, move.source_node, move.old_flavor)

    def _end(self, move: Migration, status: str) -> None:
        if move.held_host:
            self._free(move.held_host, Need.held(move))
        self._change(move, {"status": status, **hold(None, Need())})

    def _change(self, move: Migration, facts: Facts) -> None:
        self._changes.append((move.id, facts))
