"""What must be true when everything has come to rest."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud.db import actions, hosts, instances, migrations, quotas
from minicloud.db.engine import Database
from minicloud.db.models import (
    ComputeNode,
    Image,
    Instance,
    InstanceAction,
    InstanceEvent,
    Migration,
)
from minicloud.instance_states import VmState
from tests.simulation import resting
from tests.simulation.kernel import Kernel

if TYPE_CHECKING:
    from tests.simulation.workload import Ledger
    from tests.simulation.world import World

_LEAVE_THE_PASSWORD = frozenset(
    {"stop", "start", "reboot", "pause", "unpause", "suspend", "resume", "createImage", "lock"}
    | {"createBackup", "unlock", "delete", "restore"}
)
_RESTING = frozenset(VmState) - {VmState.BUILDING, VmState.DELETED}


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
    world.books.read(lambda db: _check_moves(world, db, told))
    world.books.read(lambda db: _check_images(world, db))
    world.books.read(lambda db: _check_quota(world, db))
    world.books.read(lambda db: _check_passwords(world, db, told))
    world.books.read(lambda db: _check_actions(world, db))
    world.books.read(lambda db: _check_requests(world, db, told))
    world.books.read(lambda db: _check_whole(world, db, told))


def _check_rows(world: "World", db: Session, told: "Ledger") -> None:
    wrong = world.kernel.wrong
    rows = {row.uuid: row for row in db.scalars(sa.select(Instance).order_by(Instance.id))}
    for uuid in told.created:
        if uuid not in rows:
            wrong(f"{uuid[:8]} was accepted and is lost")
    for uuid in sorted(told.deleted - told.reset):
        if uuid in rows and not rows[uuid].deleted:
            wrong(f"{uuid[:8]} was deleted and is still there")
    for uuid in sorted(told.softly - told.reset - told.restored):
        if uuid in rows and not rows[uuid].deleted and rows[uuid].vm_state != "soft-delete":
            wrong(f"{uuid[:8]} was deleted and is {rows[uuid].vm_state}")
    faults = actions.latest_faults(db, rows)
    there = [row for row in rows.values() if not row.deleted]
    for row in there:
        for what in resting.faults_of_row(world, row, told):
            wrong(f"{_named(row)} {what}")
        if row.vm_state == VmState.ERROR and not (
            _is_explained(faults.get(row.uuid)) or row.uuid in told.reset
        ):
            wrong(f"{_named(row)} has no fault with a code and a reason")
    moves = {move.instance_uuid: move for move in migrations.open_of(db, rows).values()}
    guests = resting.guests(world)
    for row in there:
        for what in resting.faults_of_guests(row, moves.get(row.uuid), guests, told):
            wrong(f"{_named(row)} {what}")
    for what in resting.strange_guests(there, moves, guests, told):
        wrong(what)


def _named(row: Instance) -> str:
    return f"{row.uuid[:8]} ({row.vm_state}/{row.task_state} on {row.host})"


def _is_explained(fault: object) -> bool:
    return bool(getattr(fault, "machine_code", "") and getattr(fault, "message", ""))


def _check_moves(world: "World", db: Session, told: "Ledger") -> None:
    """A move is open only of what is RESIZED, and holds room only while it is."""
    rows = instances.rows_of(db, db.scalars(sa.select(Migration.instance_uuid)))
    open_moves: list[str] = []
    for move in db.scalars(sa.select(Migration).order_by(Migration.id)):
        what = f"{move.migration_type} of {move.instance_uuid[:8]} ({move.status})"
        row = rows.get(move.instance_uuid)
        if move.status in migrations.OVER:
            if move.held_host is not None or move.vcpus or move.memory_mb or move.disk_gb:
                world.kernel.wrong(f"{what} is over and holds room on {move.held_host}")
            if move.status == "done" and move.source_compute not in told.lost_hosts:
                world.kernel.wrong(f"{what} has been cleaned up, and nobody says so")
            continue
        open_moves.append(move.instance_uuid)
        if row is None or row.vm_state != VmState.RESIZED or move.status != "finished":
            world.kernel.wrong(f"{what} is open")
        elif (move.dest_compute, move.held_host) != (row.host, move.source_compute):
            world.kernel.wrong(f"{what} holds room on {move.held_host}")
    resized = [uuid for uuid, row in rows.items() if row.vm_state == VmState.RESIZED]
    if sorted(open_moves) != sorted(resized):
        world.kernel.wrong(f"open moves are of {open_moves}, resized are {resized}")


def _check_images(world: "World", db: Session) -> None:
    found = {image.id: image for image in db.scalars(sa.select(Image))}
    for image in found.values():
        if image.status != "active":
            world.kernel.wrong(f"image {image.name} is {image.status}")
    kept = db.execute(
        sa.select(Instance.uuid, Instance.shelved_image).where(
            Instance.deleted == 0, Instance.shelved_image.is_not(None)
        )
    ).all()
    for uuid, image_id in kept:
        if image_id not in found:
            world.kernel.wrong(f"{uuid[:8]} is shelved in an image that is not there")
    shelved = {image_id for _uuid, image_id in kept}
    for image in found.values():
        if str(image.name).endswith("-shelved") and image.id not in shelved:
            world.kernel.wrong(f"image {image.name} is of nothing that is shelved")


def _check_quota(world: "World", db: Session) -> None:
    """What counts against a project is what is there and not deleted."""
    there = [
        row
        for row in db.scalars(sa.select(Instance).where(Instance.deleted == 0))
        if row.vm_state != VmState.SOFT_DELETED
    ]
    counted = (
        len(there),
        sum(row.flavor["vcpus"] for row in there),
        sum(row.flavor["memory_mb"] for row in there),
    )
    used = quotas.usage(db, "p1")
    if used != counted:
        world.kernel.wrong(f"used are {used}, counted are {counted}")


def _check_passwords(world: "World", db: Session, told: "Ledger") -> None:
    """A guest knows the password that it was last given, unless it was made anew since; the
    books have forgotten it."""
    last: dict[str, InstanceAction] = {}
    for action in db.scalars(sa.select(InstanceAction).order_by(InstanceAction.id)):
        if action.finish_time and actions.SECRET in (action.parameters or {}):
            world.kernel.wrong(f"{action.action} of {action.instance_uuid[:8]} keeps its password")
        if action.action not in _LEAVE_THE_PASSWORD:
            last[action.instance_uuid] = action
    rows = instances.rows_of(db, last)
    found = resting.guests(world)
    for uuid, row in rows.items():
        guest, action = found.get((row.host or "", uuid)), last[uuid]
        if guest is None or action.action != "changePassword" or action.result != "Success":
            continue
        if guest.password_hash != told.passwords[action.request_id]:
            world.kernel.wrong(f"{uuid[:8]} was not told its new password")


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
    for request_id, action in told.acts.items():
        if counted.get(request_id) != 1:
            world.kernel.wrong(f"{action} was accepted, and done {counted.get(request_id)} times")


def _check_whole(world: "World", db: Session, told: "Ledger") -> None:
    """Of the servers of one create all were given a host or none, but for those that their owner
    took out of it."""
    found: dict[str, set[bool]] = {}
    for row in db.scalars(sa.select(Instance)):
        if row.launched_on or not (row.deleted or row.uuid in told.softly | told.reset):
            found.setdefault(row.reservation_id, set()).add(row.launched_on is not None)
    for reservation, placed in found.items():
        if len(placed) > 1:
            world.kernel.wrong(f"a part of {reservation} was placed")


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
