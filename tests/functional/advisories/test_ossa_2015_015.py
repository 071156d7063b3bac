"""OSSA-2015-015, CVE-2015-3241: what was deleted in the middle of a move went on moving.

It filled hosts beyond any quota. Here every server is deleted in every state on the way of every
action, once, and all that it held must be free, once.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from minicloud.conductor import report
from minicloud.conductor.ledger import Ledger
from minicloud.db import hosts, migrations, models, quotas
from minicloud.db.hosts import Need
from minicloud.instance_states import Task
from minicloud.zones.local import acting
from tests.functional.acting import moves_of
from tests.functional.advisories import demands_failure
from tests.functional.advisories.stepped import Stepped, stepped
from tests.functional.boot_cloud import HOSTS

_ENOUGH: Final = 14  # steps, for the longest way
_FREE: Final = dict.fromkeys(HOSTS, Need())
# What is done before, each until it is done, and the action that is interrupted.
_WAYS: Final[Sequence[tuple[str, ...]]] = (
    ("boot",),
    ("wait",),  # for room
    ("stop",),
    ("stop", "start"),
    ("reboot",),
    ("reboot_hard",),
    ("pause",),
    ("pause", "unpause"),
    ("suspend",),
    ("suspend", "resume"),
    ("rescue",),
    ("rescue", "unrescue"),
    ("rebuild",),
    ("evacuate",),
    ("resize",),
    ("resize", "confirm_resize"),
    ("resize", "revert_resize"),
    ("migrate",),
    ("live_migrate",),
    ("shelve",),
    ("shelve", "unshelve"),
    ("create_image",),
    ("create_backup",),
    ("change_password",),
    ("delete",),
    ("soft_delete",),
    ("soft_delete", "restore"),
)
_TWICE: Final = {Task.DELETING}  # a second delete changes nothing


def _wish(action: str) -> dict[str, Any]:
    return {
        "resize": {"flavor": "84"},
        "change_password": {"password_hash": "x"},
        "create_image": {"image_id": str(uuid4())},
        "create_backup": {"image_id": str(uuid4())},
    }.get(action, {})


def _begun(world: Stepped, way: Sequence[str]) -> tuple[str, str | None]:
    """A server, what went before done, and the last action accepted; the host that was lost."""
    if way == ("boot",):
        return world.cloud.create(flavor="42"), None
    if way == ("wait",):
        nowhere: Any = {"requested_host": "nobody", "hints": {"pending_timeout": 600}}
        return world.cloud.create(flavor="42", **nowhere), None
    uuid = world.boot()
    for action in way[:-1]:
        world.do(uuid, action, **_wish(action))
        world.settle(uuid)
    lost = world.row(uuid).host if way[-1] == "evacuate" else None
    if lost:
        world.lose(lost)
    world.do(uuid, way[-1], **_wish(way[-1]))
    return uuid, lost


def _states(world: Stepped, way: Sequence[str]) -> dict[str, int]:
    """Task -> after how many steps it is first seen on this way."""
    uuid, lost = _begun(world, way)
    found: dict[str, int] = {}
    for count in range(_ENOUGH):
        task = world.row(uuid).task_state
        if task is not None:
            found.setdefault(task, count)
        world.steps(1) if count % 2 == 0 else world.act()
    _delete(world, uuid, lost)
    return found


def _delete(world: Stepped, uuid: str, lost: str | None) -> None:
    if not world.row(uuid).deleted:
        world.do(uuid, "delete")
    for _ in range(6):
        world.steps(2)
    if lost:
        world.lose(lost, lost=False)
        world.steps(4)


def _is_free(world: Stepped, uuid: str, place: str) -> None:
    assert world.row(uuid).deleted, place
    assert world.taken() == _FREE, place
    assert not any(world.guests().values()), place
    open_moves = [move for move in moves_of(world.cloud, uuid) if move[1] not in _ENDED]
    assert open_moves == [], place
    quota = world.cloud.books.read(partial(_in_use, project="p1"))
    assert quota == (0, 0, 0), place


_ENDED: Final = {"error", "confirmed", "reverted", "completed", "cancelled", "failed", "done"}


def _in_use(db: Any, project: str) -> tuple[int, int, int]:
    return quotas.usage(db, project)


def deleting_ends_it_wherever_it_is(world: Stepped, ways: Sequence[Sequence[str]]) -> set[str]:
    seen: set[str] = set()
    for way in ways:
        for task, count in _states(world, way).items():
            if task in seen:
                continue
            seen.add(task)
            uuid, lost = _begun(world, way)
            world.steps(count)
            place = f"{task} of {way[-1]}"
            assert world.row(uuid).task_state == task, place
            _delete(world, uuid, lost)
            _is_free(world, uuid, place)
    return seen


def test_a_delete_in_every_state_frees_exactly_once_and_ends_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stepped(tmp_path, monkeypatch) as world:
        seen = deleting_ends_it_wherever_it_is(world, _WAYS)

    assert {str(task) for task in Task} - seen == set()


_MOVES: Final = (("resize",), ("live_migrate",))


def test_a_move_that_goes_on_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "close_move", lambda start, status: None)

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        deleting_ends_it_wherever_it_is(world, _MOVES)


def test_room_that_a_move_holds_and_keeps_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(start: acting.Start, status: str) -> None:
        if start.move is not None:
            facts = {"status": status}
            migrations.change(start.db, [(start.move.id, facts)], start.now)

    monkeypatch.setattr(acting, "close_move", close)

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        deleting_ends_it_wherever_it_is(world, _MOVES)


def test_room_that_is_given_back_twice_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete(self: Ledger, row: models.Instance) -> None:
        if row.host:
            self._free(row.host, Need.of(row))
        true(self, row)

    true = Ledger._delete
    monkeypatch.setattr(Ledger, "_delete", delete)

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        deleting_ends_it_wherever_it_is(world, [("stop",)])


def test_a_guest_that_nobody_ends_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "strangers", lambda db, reports: {})

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        deleting_ends_it_wherever_it_is(world, [("resize", "confirm_resize"), *_MOVES])


def test_room_that_is_never_given_back_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "give_back", lambda db, host, need, now: None)

    with stepped(tmp_path, monkeypatch) as world, demands_failure():
        deleting_ends_it_wherever_it_is(world, [("boot",)])
