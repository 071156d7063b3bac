"""What a transaction of the conductor changes, collected first and written in one go.

The rows were locked by the transaction that the ledger belongs to. Instances are written before
hosts, hosts in order of their names (db/instances.py), and rows alike in one statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.db import actions, hosts, instances
from minicloud.db.hosts import Need
from minicloud.db.models import Instance
from minicloud.instance_states import TASKS, Power, Task, VmState


@dataclass
class _HostChange:
    freed: Need = field(default_factory=Need)
    built: int = 0
    failed: int = 0


class Ledger:
    """`to_place` collects what waits for a host again once the transaction is over."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._changes: list[tuple[Instance, Mapping[str, Any]]] = []
        self._hosts: dict[str, _HostChange] = {}
        self._finished: dict[tuple[str, str | None], list[int]] = {}
        self._events_failed: list[tuple[int, str]] = []
        self._faults: list[dict[str, Any]] = []
        self.to_place: list[str] = []

    def succeed(self, row: Instance, power: int) -> None:
        """The task has reached its goal; `power` is what the host sees."""
        task = Task(row.task_state or "")
        if task is Task.DELETING:
            self._delete(row)
            return
        facts = instances.rest(_vm_state(TASKS[task].done, row), self._now)
        facts["power_state"] = power
        if task is Task.SPAWNING:
            facts["launched_at"] = self._now
            self._host(row).built += 1
        self._change(row, facts)
        self._finish(row, actions.SUCCESS)

    def fail(self, row: Instance, error: str) -> None:
        """The task cannot be done: take the other exit of its row in TASKS."""
        task = Task(row.task_state or "")
        if task is Task.DELETING:
            self._delete(row)  # delete is final: a guest left behind is reaped when it is seen
        elif task is Task.SPAWNING:
            self._build_failed(row, error)
        elif TASKS[task].failed is VmState.ERROR:
            self.to_error(row, errors.HypervisorError(error))
        else:
            self._change(row, instances.rest(row.vm_state, self._now))
            self._finish(row, actions.ERROR, error)

    def to_error(
        self, row: Instance, error: errors.MinicloudError, details: Mapping[str, Any] | None = None
    ) -> None:
        """The instance ends in ERROR with this fault; whatever was under way has failed."""
        facts = instances.rest(VmState.ERROR, self._now)
        if row.vm_state == VmState.BUILDING and row.host:
            self._free(row)
            facts |= {"host": None, "node": None}
        self._change(row, facts)
        self._finish(row, actions.ERROR, str(error))
        self._faults.append(
            {
                "instance_uuid": row.uuid,
                "message": str(error),
                "machine_code": error.code,
                "details": details,
                "host": row.host,
            }
        )

    def at_rest(self, row: Instance, vm_state: str, power: int) -> None:
        """The host sees something else than the row says, with nothing under way."""
        facts = instances.rest(vm_state, self._now)
        self._change(row, {**facts, "power_state": max(power, Power.NOSTATE)})

    def write(self, db: Session) -> None:
        instances.rewrite(db, self._changes)
        for host in sorted(self._hosts):
            self._write_host(db, host, self._hosts[host])
        for action_id, error in self._events_failed:
            actions.end_events(db, [action_id], actions.ERROR, self._now, error)
        for (result, message), ids in self._finished.items():
            actions.finish(db, ids, result, self._now, message)
        for fault in self._faults:
            actions.fault(db, now=self._now, **fault)

    def __bool__(self) -> bool:
        return bool(self._changes)

    def _write_host(self, db: Session, host: str, change: _HostChange) -> None:
        if change.freed != Need():
            hosts.give_back(db, host, change.freed, self._now)
        if change.built:
            hosts.built(db, host, change.built, self._now)
        if change.failed:
            hosts.build_failed(db, host, change.failed, self._now)

    def _delete(self, row: Instance) -> None:
        if row.host:
            self._free(row)
        self._change(row, instances.gone(row.id, self._now))
        self._finish(row, actions.SUCCESS)

    def _build_failed(self, row: Instance, error: str) -> None:
        self._host(row).failed += 1
        if row.retry is None:
            self.to_error(
                row, errors.BuildFailed(f"Build of instance {row.uuid} aborted: {error}")
            )
            return
        self._free(row)
        facts = instances.begin(Task.SCHEDULING, self._now, look_again_s=0)
        where = {"host": None, "node": None, "retry": {**row.retry, "exc_reason": error}}
        self._change(row, {**facts, **where})
        self.to_place.append(row.uuid)
        if row.action_id is not None:
            self._events_failed.append((row.action_id, error))

    def _change(self, row: Instance, facts: Mapping[str, Any]) -> None:
        self._changes.append((row, facts))

    def _free(self, row: Instance) -> None:
        change = self._host(row)
        change.freed = change.freed + Need.of(row)

    def _finish(self, row: Instance, result: str, message: str | None = None) -> None:
        if row.action_id is not None:
            self._finished.setdefault((result, message), []).append(row.action_id)

    def _host(self, row: Instance) -> _HostChange:
        return self._hosts.setdefault(row.host or "", _HostChange())


def _vm_state(exit_: Task | VmState | None, row: Instance) -> str:
    return str(exit_) if isinstance(exit_, VmState) else row.vm_state
