"""Every action, asked for with a commit that is not answered: done once, and accepted."""

import uuid as uuids
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.db import instances, migrations
from minicloud.db.models import InstanceAction
from minicloud.instance_states import ACTIONS
from tests.simulation.books import IMAGE
from tests.simulation.calm import CalmCloud, calm_cloud

_SAVED = {"name": "saved", "backup_type": "daily", "rotation": 1}
_WISHES: Mapping[str, Mapping[str, Any]] = {
    "resize": {"flavor": "half"},
    "rebuild": {"image": IMAGE},
    "change_password": {"password_hash": "$6$new"},
    "create_image": _SAVED,
    "create_backup": _SAVED,
}
# What comes before those that do not begin with a server that is ACTIVE, and where each ends.
_BEFORE: Mapping[str, tuple[str, ...]] = {
    "start": ("stop",),
    "unpause": ("pause",),
    "resume": ("suspend",),
    "unrescue": ("rescue",),
    "confirm_resize": ("migrate",),
    "revert_resize": ("migrate",),
    "shelve_offload": ("shelve",),
    "unshelve_here": ("shelve",),
    "unshelve": ("shelve", "shelve_offload"),
    "restore": ("soft_delete",),
}
_ENDS: Mapping[str, str] = {
    "stop": "stopped",
    "pause": "paused",
    "suspend": "suspended",
    "rescue": "rescued",
    "resize": "resized",
    "migrate": "resized",
    "shelve": "shelved",
    "shelve_offload": "shelved_offloaded",
    "soft_delete": "soft-delete",
    "delete": "deleted",
    "force_delete": "deleted",
}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_whose_commit_was_not_answered_is_done_once(action: str) -> None:
    with calm_cloud(offload_s=-1, reclaim_s=1000) as cloud:
        uuid = cloud.boot()
        if action == "evacuate":
            cloud.world.kill("agent-2" if cloud.row(uuid).host == "h3" else "agent-1")
            cloud.run_s(30.0)
        for before in _BEFORE.get(action, ()):
            _act(cloud, uuid, before)
        already = _logged(cloud, uuid)

        cloud.world.books.lose_answer_of = f"api.{action}"
        _act(cloud, uuid, action)

        assert _logged(cloud, uuid) == [*already, (ACTIONS[action].name, "Success")]
        assert _state(cloud, uuid) == _ENDS.get(action, "active")


def test_a_live_migration_that_is_called_off_is_so_once() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot(meta={"fake:spawn_s": "5"})
        cloud.act(uuid, "live_migrate")
        cloud.run_s(2.0)
        [move] = cloud.world.books.read(lambda db: migrations.open_of(db, [uuid])).values()

        cloud.world.books.lose_answer_of = "api.abort_migration"
        cloud.zone.acts.abort_migration(cloud.root, cloud.row(uuid), move.id)
        cloud.run_s(60.0)

        assert _logged(cloud, uuid)[1:] == [
            ("live-migration", "Error"),
            ("live_migration_cancel", "Success"),
        ]
        assert cloud.problems() == []


@pytest.mark.parametrize("name", ["lock", "unlock"])
def test_a_lock_is_logged_once(name: str) -> None:
    with calm_cloud() as cloud:
        uuid = cloud.boot()
        cloud.world.books.lose_answer_of = f"api.{name}"

        if name == "lock":
            cloud.zone.acts.lock(cloud.root, cloud.row(uuid), None)
        else:
            cloud.zone.acts.unlock(cloud.root, cloud.row(uuid))

        assert _logged(cloud, uuid)[1:] == [(name, "Success")]


def test_a_reset_while_building_frees_its_host_once() -> None:
    with calm_cloud() as cloud:
        uuid = cloud.create(meta={"fake:spawn_s": "5"})
        cloud.run_s(2.0)
        cloud.world.books.lose_answer_of = "api.reset_state"

        cloud.reset_state(uuid, "error")
        cloud.run_s(90.0)

        assert [p for p in cloud.problems() if "claims" in p] == []


def _act(cloud: CalmCloud, uuid: str, action: str) -> None:
    wish = dict(_WISHES.get(action, {}))
    if "name" in wish:
        wish["image_id"] = str(uuids.uuid4())
    cloud.act(uuid, action, **wish)
    cloud.run_s(20.0)


def _logged(cloud: CalmCloud, uuid: str) -> list[tuple[str, str | None]]:
    query = sa.select(InstanceAction).where(InstanceAction.instance_uuid == uuid)
    rows = cloud.world.books.read(lambda db: list(db.scalars(query.order_by(InstanceAction.id))))
    return [(row.action, row.result) for row in rows]


def _state(cloud: CalmCloud, uuid: str) -> str:
    there = cloud.world.books.read(lambda db: instances.rows_of(db, [uuid]))
    return there[uuid].vm_state if uuid in there else "deleted"
