"""What must be true when everything has come to rest."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import actions, hosts
from minicloud.db.engine import Database
from minicloud.db.models import (
    ComputeNode,
    Instance,
    InstanceAction,
    InstanceEvent,
)
from minicloud.instance_states import Power, VmState
from tests.simulation.kernel import Kernel

if TYPE_CHECKING:
    from tests.simulation.scenario import Ledger
    from tests.simulation.world import World

_RESTING = (VmState.ACTIVE, VmState.STOPPED, VmState.ERROR)


def is_at_rest(books: Database) -> bool:
    busy = sa.select(Instance.id).where(Instance.deleted == 0, Instance.task_state.is_not(None))
    return books.read(lambda db: db.scalar(busy.limit(1))) is None


def check_rest(kernel: Kernel, books: Database) -> None:
    """Soon after the last fault: all is at rest, also on hosts that never come back."""
    query = sa.select(Instance).where(Instance.deleted == 0)
    for row in books.read(lambda db: list(db.scalars(query))):
        if row.task_state is not None or row.vm_state not in _RESTING:
            kernel.wrong(f"{row.uuid[:8]} is still {row.vm_state}/{row.task_state} on {row.host}")


def check_all(world: "World", told: "Ledger") -> None:
    """Everything that the architecture promises, on what is there at the end."""
    world.books.read(lambda db: _check_rows(world, db, told))
    world.books.read(lambda db: _check_claims(world, db))
    world.books.read(lambda db: _check_actions(world, db))
    world.books.read(lambda db: _check_requests(world, db, told))


def _check_rows(world: "World", db: Session, told: "Ledger") -> None:
    wrong = world.kernel.wrong
    rows = {row.uuid: row for row in db.scalars(sa.select(Instance).order_by(Instance.id))}
    faults = actions.latest_faults(db, rows)
    guests = _guests(world)
    for uuid in told.created:
        if uuid not in rows:
            wrong(f"{uuid[:8]} was accepted and is lost")
    for uuid in sorted(told.deleted):
        if uuid in rows and not rows[uuid].deleted:
            wrong(f"{uuid[:8]} was deleted and is still there")
    for uuid, row in rows.items():
        what = f"{uuid[:8]} ({row.vm_state}/{row.task_state} on {row.host})"
        running = [
            host
            for (host, guest), power in guests.items()
            if guest == uuid and power == Power.RUNNING and host not in told.lost_hosts
        ]
        if row.deleted:
            continue
        if row.task_state is not None or row.vm_state not in _RESTING:
            wrong(f"{what} is not at rest")
        if row.due_at is not None or row.action_id is not None:
            wrong(f"{what} still falls due, or has an action under way")
        if row.vm_state == VmState.ERROR and not _is_explained(faults.get(uuid)):
            wrong(f"{what} has no fault with a code and a reason")
        if row.host in told.lost_hosts:
            continue
        if row.vm_state == VmState.ACTIVE and running != [row.host]:
            wrong(f"{what} runs on {running}")
        if row.vm_state == VmState.STOPPED and (
            running or guests.get((row.host or "", uuid)) != Power.SHUTDOWN
        ):
            wrong(f"{what} is not a stopped guest on its host")
    for host, uuid in sorted(guests):
        owner = rows.get(uuid)
        if host in told.lost_hosts:
            continue
        if owner is None or owner.deleted or owner.host != host:
            wrong(f"a guest of {uuid[:8]} is on {host}, where it has no row")


def _is_explained(fault: object) -> bool:
    return bool(getattr(fault, "machine_code", "") and getattr(fault, "message", ""))


def _guests(world: "World") -> dict[tuple[str, str], int]:
    from tests.simulation.world import AGENTS

    return {
        (host, uuid): guest.power
        for agent, store in world.stores.items()
        for host in AGENTS[agent]
        for uuid, guest in store.list(host).items()
    }


def _check_claims(world: "World", db: Session) -> None:
    for node in db.scalars(sa.select(ComputeNode).order_by(ComputeNode.host)):
        claimed = hosts.Need(
            node.vcpus_used,
            node.memory_mb_used,
            node.disk_gb_used,
            node.num_instances,
            node.num_io_ops,
        )
        counted = hosts.recount(db, node.host)
        if claimed != counted:
            world.kernel.wrong(f"claims on {node.host} are {claimed}, counted are {counted}")
        if node.memory_mb_used > node.memory_mb_limit or node.vcpus_used > node.vcpus_limit:
            world.kernel.wrong(f"{node.host} is over-committed: {claimed}")


def _check_actions(world: "World", db: Session) -> None:
    finished = set()
    for action in db.scalars(sa.select(InstanceAction).order_by(InstanceAction.id)):
        what = f"action {action.action} of {action.instance_uuid[:8]}"
        if action.finish_time is None:
            world.kernel.wrong(f"{what} is not finished")
            continue
        finished.add(action.id)
        if action.result not in (actions.SUCCESS, actions.ERROR):
            world.kernel.wrong(f"{what} has no result")
    for event in db.scalars(sa.select(InstanceEvent).where(InstanceEvent.finish_time.is_(None))):
        if event.action_id in finished:
            world.kernel.wrong(f"event {event.event} of a finished action is open")


def _check_requests(world: "World", db: Session, told: "Ledger") -> None:
    made = sa.select(InstanceAction.request_id, sa.func.count()).group_by(
        InstanceAction.request_id
    )
    counted = {row[0]: row[1] for row in db.execute(made)}
    for request_id, count in told.requests.items():
        if counted.get(request_id) != count:
            world.kernel.wrong(f"{count} servers asked for, {counted.get(request_id)} made")


class _Watcher(logging.Handler):
    def __init__(self, kernel: Kernel) -> None:
        super().__init__(logging.WARNING)
        self._kernel = kernel

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        bug = (
            bool(record.exc_info)
            and record.exc_info is not None
            and record.exc_info[0] is not None
        )
        if record.levelno >= logging.ERROR or bug:
            self._kernel.wrong(f"log: {text}")
        else:
            self._kernel.say("log", text)


@contextmanager
def watch_the_log(kernel: Kernel) -> Iterator[None]:
    """An error in the log (such as a claim that the audit corrected) is a problem."""
    log, watcher = logging.getLogger("minicloud"), _Watcher(kernel)
    before = (log.propagate, log.level)
    log.addHandler(watcher)
    log.propagate = False
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.removeHandler(watcher)
        log.propagate, log.level = before
