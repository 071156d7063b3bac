"""What a transaction of the conductor changes, collected first and written in one go.

The rows were locked by the transaction that the ledger belongs to. Instances are written before
hosts, hosts in order of their names (db/instances.py), and rows alike in one statement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.conductor.moves import Moves
from minicloud.conductor.pictures import Pictures
from minicloud.db import actions, hosts, instances
from minicloud.db.hosts import Need
from minicloud.db.models import Instance
from minicloud.instance_states import TASKS, Power, Task, VmState


@dataclass(frozen=True)
class Delays:
    """Seconds for which an instance rests: shelved until it is offloaded (below 0: for good, 0:
    not at all), deleted until it is gone for good."""

    offload_s: int = 0
    reclaim_s: int = 0


@dataclass
class _HostChange:
    freed: Need = field(default_factory=Need)
    built: int = 0
    failed: int = 0


# What cannot be done is as good as done: what is left behind is reaped when its host is back.
_AS_GOOD = frozenset(
    {
        Task.DELETING,
        Task.SOFT_DELETING,
        Task.SHELVING_OFFLOADING,
        Task.RESIZE_CONFIRMING,
        Task.RESIZE_REVERTING,
        Task.MIGRATING_OUT,
    }
)
_ROLLED_BACK = frozenset({Task.RESIZE_MIGRATING, Task.RESIZE_FINISH})


class Ledger:
    """`to_place` collects what waits for a host again once the transaction is over, `to_wake` the
    hosts that have something to do then."""

    def __init__(self, db: Session, now: datetime, delays: Delays) -> None:
        self._db, self._now, self._delays = db, now, delays
        self._changes: list[tuple[Instance, Mapping[str, Any]]] = []
        self._hosts: dict[str, _HostChange] = {}
        self._finished: dict[tuple[str, str | None], list[int]] = {}
        self._events_ended: list[tuple[int, str, str | None]] = []
        self._events: list[Mapping[str, Any]] = []
        self._faults: list[dict[str, Any]] = []
        self._decisions: list[tuple[int, Mapping[str, Any]]] = []
        self._moves = Moves(db, self._free)
        self._pictures = Pictures(db, now)
        self.to_place: list[str] = []
        self.to_wake: set[str] = set()

    @property
    def made_room(self) -> bool:
        return any(change.freed != Need() for change in self._hosts.values())

    def lock(self, uuids: Iterable[str]) -> list[Instance]:
        """The rows of these uuids, locked."""
        return self.take(instances.lock(self._db, uuids))

    def take(self, rows: list[Instance]) -> list[Instance]:
        """Read what belongs to these locked rows: moves, and what is being saved."""
        self._moves.take(rows)
        self._pictures.take(rows)
        return rows

    def succeed(self, row: Instance, power: int | None) -> None:
        """The task has reached its goal; `power` is what the host sees."""
        task = Task(row.task_state or "")
        if task is Task.DELETING:
            self._delete(row)
            return
        if task is Task.SPAWNING and row.vm_state == VmState.BUILDING:
            self._host(row.host).built += 1
        self._pictures.saved(row)
        facts = self._moves.done(row, task)
        after = TASKS[task].done
        if isinstance(after, Task):
            self._next(row, after, facts)
        else:
            self._come_to_rest(row, after, facts, power)

    def fail(self, row: Instance, error: str) -> None:
        """The task cannot be done: take the other exit of its row in TASKS."""
        task = Task(row.task_state or "")
        after = TASKS[task].failed
        if task in _AS_GOOD:
            self.succeed(row, None)
        elif task is Task.SPAWNING:
            self._build_failed(row, error)
        elif task in _ROLLED_BACK:
            self._roll_back(row, task, error)
        elif after is VmState.ERROR:
            self.to_error(row, errors.HypervisorError(error))
        else:
            self._stay(row, error)

    def refuse(
        self, row: Instance, error: errors.MinicloudError, details: Mapping[str, Any] | None = None
    ) -> None:
        """There is no host for it: a new instance ends in ERROR, another stays what it was.

        The action keeps all that `details` tell, the fault all but the `explanation` by hosts.
        """
        if row.action_id is not None:
            said = {"code": error.code, "message": str(error), **(details or {})}
            self._decisions.append((row.action_id, said))
        if details is not None:
            details = {key: value for key, value in details.items() if key != "explanation"}
        if TASKS[Task(row.task_state or "")].failed is VmState.ERROR:
            self.to_error(row, error, details)
        else:
            self._stay(row, str(error))
            self._fault(row, error, details)

    def wait(self, row: Instance, until: datetime, kind: str, due_at: datetime) -> None:
        """There is no host for it yet: it waits for room."""
        begun = instances.begin(Task.PENDING, self._now)
        times = {"deadline_at": until, "due_at": due_at}
        self._change(row, {**begun, **times, "pending_kind": kind})

    def to_error(
        self, row: Instance, error: errors.MinicloudError, details: Mapping[str, Any] | None = None
    ) -> None:
        """The instance ends in ERROR with this fault; whatever was under way has failed."""
        facts: dict[str, Any] = {**instances.rest(VmState.ERROR, self._now), "old_vm_state": None}
        if row.task_state:
            facts |= self._moves.failed(row, Task(row.task_state))
        if row.vm_state == VmState.BUILDING and row.host:
            self._free(row.host, Need.of(row))
            facts |= {"host": None, "node": None}
        self._change(row, facts)
        self._finish(row, actions.ERROR, str(error))
        self._fault(row, error, details)

    def at_rest(self, row: Instance, vm_state: str, power: int) -> None:
        """The host sees something else than the row says, with nothing under way."""
        facts = instances.rest(vm_state, self._now, row.due_at)
        self._change(row, {**facts, "power_state": max(power, Power.NOSTATE)})

    def begin(self, row: Instance, task: Task) -> None:
        """Start a task that nobody asked for."""
        self._next(row, task, {})

    def write(self) -> None:
        instances.rewrite(self._db, self._changes)
        self._moves.write(self._now)
        for host in sorted(self._hosts):
            self._write_host(host, self._hosts[host])
        for action_id, result, error in self._events_ended:
            actions.end_events(self._db, [action_id], result, self._now, error)
        actions.add_events(self._db, self._events)
        for (result, message), ids in self._finished.items():
            actions.finish(self._db, ids, result, self._now, message)
        actions.decide(self._db, self._decisions)
        for fault in self._faults:
            actions.fault(self._db, now=self._now, **fault)

    # Where a task leads.

    def _next(self, row: Instance, task: Task, facts: Mapping[str, Any]) -> None:
        """The next task begins, on the host that has to do it."""
        move = self._moves.of(row)
        host = facts.get("host") or row.host
        if task is Task.MIGRATING_OUT and move is not None:
            host = move.source_compute
        self._change(row, {**facts, **instances.begin(task, self._now, host)})
        self.to_wake.add(host or "")
        action_id = facts.get("action_id", row.action_id)
        if action_id is not None:
            self._events_ended.append((action_id, actions.SUCCESS, None))
            self._events.append(actions.event(action_id, TASKS[task].event, self._now, host))

    def _come_to_rest(
        self, row: Instance, after: VmState | None, facts: dict[str, Any], power: int | None
    ) -> None:
        state = VmState(after or row.old_vm_state or row.vm_state)
        if power is not None and power != Power.ABSENT:  # of a guest that is left, nothing
            facts["power_state"] = power
        if row.task_state == Task.SPAWNING:
            facts["launched_at"] = self._now
        if state is VmState.SHELVED and self._delays.offload_s == 0:
            self._next(row, Task.SHELVING_OFFLOADING, {**facts, "vm_state": str(state)})
            return
        if state is VmState.SHELVED_OFFLOADED and row.host:
            self._free(row.host, Need.of(row))
            facts |= {"host": None, "node": None, "power_state": int(Power.NOSTATE)}
        if state is VmState.ACTIVE and row.shelved_image:
            self._pictures.unshelved(row)
            facts["shelved_image"] = None
        if state is not VmState.RESIZED:
            facts["old_vm_state"] = None
        self._change(row, {**facts, **instances.rest(state, self._now, self._until(state))})
        self._finish(row, actions.SUCCESS)

    def _until(self, state: VmState) -> datetime | None:
        """When what rests in this state goes on by itself."""
        if state is VmState.SHELVED and self._delays.offload_s > 0:
            return self._now + timedelta(seconds=self._delays.offload_s)
        if state is VmState.SOFT_DELETED:
            return self._now + timedelta(seconds=self._delays.reclaim_s)
        return None

    def _stay(self, row: Instance, error: str) -> None:
        """The instance stays what it was."""
        self._pictures.lost(row)
        facts = self._moves.failed(row, Task(row.task_state or ""))
        if row.task_state == Task.SHELVING:
            facts["shelved_image"] = None
        rest = instances.rest(row.vm_state, self._now, self._until(VmState(row.vm_state)))
        self._change(row, {**facts, **rest, "old_vm_state": None})
        self._finish(row, actions.ERROR, error)

    def _roll_back(self, row: Instance, task: Task, error: str) -> None:
        """The move has failed, and its owner reads so; the instance goes on where it was."""
        facts = self._moves.failed(row, task)
        self._finish(row, actions.ERROR, error)
        self._fault(row, errors.HypervisorError(error), None)
        self._next(row, Task.RESIZE_REVERT_FINISH, {**facts, "action_id": None})

    def _delete(self, row: Instance) -> None:
        self._pictures.unshelved(row)
        if row.host:
            self._free(row.host, Need.of(row))
        self._change(row, instances.gone(row.id, self._now))
        self._finish(row, actions.SUCCESS)

    def _build_failed(self, row: Instance, error: str) -> None:
        """Try another host, where that is allowed."""
        self._host(row.host).failed += 1
        new = row.vm_state == VmState.BUILDING
        if row.retry is None and new:
            text = f"Build of instance {row.uuid} aborted: {error}"
            self.to_error(row, errors.BuildFailed(text))
            return
        self._free(row.host or "", Need.of(row))
        where = {"host": None, "node": None}
        if row.retry is None:
            rest = instances.rest(row.vm_state, self._now)
            self._change(row, {**rest, **where})
            self._finish(row, actions.ERROR, error)
            return
        again = Task.SCHEDULING if new else Task.UNSHELVING
        facts = instances.begin(again, self._now, look_again_s=0)
        self._change(row, {**facts, **where, "retry": {**row.retry, "exc_reason": error}})
        self.to_place.append(row.uuid)
        if row.action_id is not None:
            self._events_ended.append((row.action_id, actions.ERROR, error))

    # What is written at the end.

    def _change(self, row: Instance, facts: Mapping[str, Any]) -> None:
        self._changes.append((row, facts))

    def _free(self, host: str, need: Need) -> None:
        change = self._host(host)
        change.freed = change.freed + need

    def _host(self, host: str | None) -> _HostChange:
        return self._hosts.setdefault(host or "", _HostChange())

    def _finish(self, row: Instance, result: str, message: str | None = None) -> None:
        if row.action_id is not None:
            self._finished.setdefault((result, message), []).append(row.action_id)

    def _fault(
        self, row: Instance, error: errors.MinicloudError, details: Mapping[str, Any] | None
    ) -> None:
        self._faults.append(
            {
                "instance_uuid": row.uuid,
                "message": str(error),
                "machine_code": error.code,
                "details": details,
                "host": row.host,
                "action_id": row.action_id,
            }
        )

    def _write_host(self, host: str, change: _HostChange) -> None:
        if change.freed != Need():
            hosts.give_back(self._db, host, change.freed, self._now)
        if change.built:
            hosts.built(self._db, host, change.built, self._now)
        if change.failed:
            hosts.build_failed(self._db, host, change.failed, self._now)
