"""Every action on a server, carried out by conductor, scheduler and compute."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import bcrypt
import pytest

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import hosts, images, migrations, models
from minicloud.db.hosts import Need
from minicloud.instance_states import Power
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud, eventually

IMAGE = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[BootCloud]:
    with boot_cloud(tmp_path) as cloud:
        now = cloud.books.now()
        image = models.Image(
            id=IMAGE, name="i", owner="p1", status="active", visibility="public", protected=False,
            hidden=False, size_bytes=1, properties={}, tags=[], created_at=now, updated_at=now,
        )  # fmt: skip
        cloud.books.write(lambda db: images.insert(db, image))
        yield cloud


def _admin() -> RequestContext:
    return RequestContext(
        user_id="root", project_id="p0", roles=["admin"], is_admin=True, overwrite=False
    )


def _active(cloud: BootCloud, **more: Any) -> str:
    uuid = cloud.create(**more)
    cloud.wait(uuid, "active")
    return uuid


def _do(cloud: BootCloud, uuid: str, action: str, rests: str, **wish: Any) -> models.Instance:
    """Ask for it, and wait until it is done."""
    server = cloud.zone.servers.find(_admin(), uuid, anywhere=True)
    cloud.zone.acts.act(_admin(), server, action, wish)
    return cloud.wait(uuid, rests).row


def _power(cloud: BootCloud, uuid: str) -> dict[str, int]:
    """host -> power of its guests of this server."""
    return {h: cloud.guests(h)[uuid] for h in HOSTS if uuid in cloud.guests(h)}


def _claims_are_right(cloud: BootCloud) -> bool:
    """What the hosts have given away is what is counted, on every host."""
    for node in cloud.books.read(hosts.all_nodes):
        recorded = Need(
            node.vcpus_used, node.memory_mb_used, node.disk_gb_used, node.num_instances,
            node.num_io_ops,
        )  # fmt: skip
        if recorded != cloud.books.read(partial(hosts.recount, host=node.host)):
            return False
    return True


def _wish(cloud: BootCloud, meta: str) -> None:
    """What the simulated hypervisors are to do with every guest that is made from now on."""
    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE instances SET meta = ?", (meta,))


def _instances_on(cloud: BootCloud) -> dict[str, int]:
    return {h: n for h in HOSTS if (n := cloud.node(h).num_instances)}


def _moves(cloud: BootCloud, uuid: str) -> list[tuple[str, str]]:
    """(type, status) of all moves of a server."""

    def read(db: Any) -> list[tuple[str, str]]:
        table = models.Migration
        rows = db.query(table).filter(table.instance_uuid == uuid).order_by(table.id)
        return [(row.migration_type, row.status) for row in rows]

    return cloud.books.read(read)


def _image(cloud: BootCloud, image_id: str) -> models.Image | None:
    return cloud.books.read(lambda db: images.get(db, image_id, None, is_admin=True))


@pytest.mark.parametrize(
    ("there", "state", "power", "back"),
    [
        ("pause", "paused", Power.PAUSED, "unpause"),
        ("suspend", "suspended", Power.SUSPENDED, "resume"),
        ("stop", "stopped", Power.SHUTDOWN, "start"),
        ("rescue", "rescued", Power.RUNNING, "unrescue"),
    ],
)
def test_a_server_goes_there_and_back(
    cloud: BootCloud, there: str, state: str, power: Power, back: str
) -> None:
    uuid = _active(cloud)

    row = _do(cloud, uuid, there, state)
    seen = _power(cloud, uuid)
    again = _do(cloud, uuid, back, "active")

    assert seen == {row.host: power}
    assert row.power_state == power
    assert _power(cloud, uuid) == {row.host: Power.RUNNING}
    assert again.power_state == Power.RUNNING
    assert cloud.last_action(uuid).row.result == "Success"


def test_a_rescued_server_runs_from_the_image_that_was_named(cloud: BootCloud) -> None:
    uuid = _active(cloud)

    row = _do(cloud, uuid, "rescue", "rescued", image=IMAGE)

    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert guest.rescue_image == IMAGE
    with pytest.raises(errors.InvalidState, match=r"Cannot 'pause' .* vm_state rescued"):
        _do(cloud, uuid, "pause", "paused")


def test_a_guest_is_told_its_new_password_as_a_hash(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    hashed = bcrypt.hashpw(b"s3cret", bcrypt.gensalt(4)).decode()

    row = _do(cloud, uuid, "change_password", "active", password_hash=hashed)

    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert guest.password_hash
    assert bcrypt.checkpw(b"s3cret", guest.password_hash.encode())


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_rebuilt_server_has_a_new_disk_and_is_what_it_was(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = _active(cloud)
    if before == "stopped":
        _do(cloud, uuid, "stop", "stopped")

    row = _do(cloud, uuid, "rebuild", before, image=IMAGE, facts={"display_name": "new"})

    assert (row.image_ref, row.display_name) == (IMAGE, "new")
    assert _power(cloud, uuid) == {row.host: power}
    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert (guest.image, guest.boots) == (IMAGE, 1)


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_resized_server_holds_room_at_both_ends_until_it_is_confirmed(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = _active(cloud)
    if before == "stopped":
        _do(cloud, uuid, "stop", "stopped")
    source = cloud.show(uuid).row.host

    row = _do(cloud, uuid, "resize", "resized", flavor="2")
    held = (_instances_on(cloud), _power(cloud, uuid), _claims_are_right(cloud))
    kept = _do(cloud, uuid, "confirm_resize", before)

    assert row.host != source
    assert held == (
        {source: 1, row.host: 1},
        {source: Power.SHUTDOWN, row.host: power},
        True,
    )
    assert (kept.flavor["name"], kept.memory_mb, kept.host) == ("m1.small", 2048, row.host)
    assert _instances_on(cloud) == {row.host: 1}
    assert _power(cloud, uuid) == {row.host: power}
    assert _moves(cloud, uuid) == [("resize", "confirmed")]
    assert _claims_are_right(cloud)


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_resize_that_is_reverted_leaves_no_trace(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = _active(cloud)
    if before == "stopped":
        _do(cloud, uuid, "stop", "stopped")
    source = cloud.show(uuid).row.host

    _do(cloud, uuid, "resize", "resized", flavor="2")
    row = _do(cloud, uuid, "revert_resize", before)

    assert (row.host, row.flavor["name"], row.memory_mb) == (source, "m1.tiny", 512)
    assert _power(cloud, uuid) == {source: power}
    assert _instances_on(cloud) == {source: 1}
    assert _moves(cloud, uuid) == [("resize", "reverted")]
    assert _claims_are_right(cloud)


def test_a_resize_that_no_host_takes_leaves_the_server_as_it_was(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    cloud.zone.flavors.create(
        _admin(),
        {
            "flavorid": "huge", "name": "huge", "vcpus": 1, "memory_mb": 512, "root_gb": 999_999,
            "ephemeral_gb": 0, "swap_mb": 0, "rxtx_factor": 1.0, "is_public": True,
            "description": None,
        },
    )  # fmt: skip

    row = _do(cloud, uuid, "resize", "active", flavor="huge")

    assert row.flavor["name"] == "m1.tiny"
    action = cloud.last_action(uuid).row
    assert (action.action, action.result) == ("resize", "Error")
    assert "No valid host was found" in (action.message or "")
    assert _moves(cloud, uuid) == [("resize", "error")]
    assert _claims_are_right(cloud)


def test_a_resize_that_fails_at_its_new_host_is_rolled_back(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    source = cloud.show(uuid).row.host
    _wish(cloud, '{"fake:fail_spawn": "*"}')

    row = _do(cloud, uuid, "resize", "active", flavor="2")

    assert (row.host, row.flavor["name"]) == (source, "m1.tiny")
    assert _power(cloud, uuid) == {source: Power.RUNNING}
    assert cloud.last_action(uuid).row.result == "Error"
    assert _moves(cloud, uuid) == [("resize", "error")]
    assert eventually(lambda: _claims_are_right(cloud))


def test_a_migrated_server_keeps_its_flavor_and_changes_its_host(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    source = cloud.show(uuid).row.host
    target = next(host for host in HOSTS if host != source)

    row = _do(cloud, uuid, "migrate", "resized", host=target)
    _do(cloud, uuid, "confirm_resize", "active")

    assert row.host == target
    assert row.flavor["name"] == "m1.tiny"
    assert _moves(cloud, uuid) == [("migration", "confirmed")]
    assert _instances_on(cloud) == {target: 1}


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("paused", 3)])
def test_a_server_moves_while_it_runs(cloud: BootCloud, before: str, power: int) -> None:
    uuid = _active(cloud)
    if before == "paused":
        _do(cloud, uuid, "pause", "paused")
    source = cloud.show(uuid).row.host

    row = _do(cloud, uuid, "live_migrate", before)

    assert row.host not in (None, source)
    assert _power(cloud, uuid) == {row.host: power}
    assert _instances_on(cloud) == {row.host: 1}
    assert _moves(cloud, uuid) == [("live-migration", "completed")]
    assert cloud.last_action(uuid).row.action == "live-migration"
    assert _claims_are_right(cloud)


def test_a_live_migration_that_fails_leaves_the_server_where_it_was(cloud: BootCloud) -> None:
    uuid = _active(cloud, meta={"fake:spawn_s": "0"})
    source = cloud.show(uuid).row.host
    _wish(cloud, '{"fake:fail_spawn": "*"}')

    row = _do(cloud, uuid, "live_migrate", "active")

    assert row.host == source
    assert _power(cloud, uuid) == {source: Power.RUNNING}
    assert cloud.last_action(uuid).row.result == "Error"
    assert _moves(cloud, uuid) == [("live-migration", "error")]
    assert _claims_are_right(cloud)


def test_a_live_migration_can_be_called_off(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    source = cloud.show(uuid).row.host
    _wish(cloud, '{"fake:spawn_s": "2"}')
    server = cloud.zone.servers.find(_admin(), uuid, anywhere=True)
    cloud.zone.acts.act(_admin(), server, "live_migrate", {})

    def running() -> models.Migration | None:
        move = cloud.books.read(lambda db: migrations.open_of(db, [uuid])).get(uuid)
        return move if move and move.status == "running" else None

    move = eventually(running)
    cloud.zone.acts.abort_migration(_admin(), server, move.id)

    row = cloud.wait(uuid, "active").row
    assert row.host == source
    assert _moves(cloud, uuid) == [("live-migration", "cancelled")]
    assert eventually(lambda: _power(cloud, uuid) == {source: Power.RUNNING})
    assert _claims_are_right(cloud)


def test_a_shelved_server_leaves_its_host_and_comes_back(cloud: BootCloud) -> None:
    uuid = _active(cloud)

    row = _do(cloud, uuid, "shelve", "shelved_offloaded")
    saved = _image(cloud, str(row.shelved_image))
    away = (row.host, _power(cloud, uuid), _instances_on(cloud))
    back = _do(cloud, uuid, "unshelve", "active")

    assert saved is not None
    assert (saved.status, saved.name, saved.size_bytes) == ("active", "vm-shelved", 0)
    assert away == (None, {}, {})
    assert _power(cloud, uuid) == {back.host: Power.RUNNING}
    assert back.shelved_image is None
    assert _image(cloud, saved.id) is None
    assert _claims_are_right(cloud)


def test_a_shelved_server_stays_on_its_host_where_it_is_never_offloaded(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"shelved_offload_time": -1}) as cloud:
        uuid = _active(cloud)
        row = _do(cloud, uuid, "shelve", "shelved")
        off = _power(cloud, uuid)
        _do(cloud, uuid, "unshelve_here", "active")
        on = _power(cloud, uuid)
        _do(cloud, uuid, "shelve", "shelved")
        _do(cloud, uuid, "shelve_offload", "shelved_offloaded")

        assert off == {row.host: Power.SHUTDOWN}
        assert on == {row.host: Power.RUNNING}
        assert _power(cloud, uuid) == {}
        assert _claims_are_right(cloud)


def test_a_shelved_server_is_offloaded_after_a_while(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"shelved_offload_time": 1}) as cloud:
        uuid = _active(cloud)
        server = cloud.zone.servers.find(_admin(), uuid, anywhere=True)
        cloud.zone.acts.act(_admin(), server, "shelve")

        eventually(lambda: cloud.show(uuid).row.vm_state == "shelved_offloaded")


def test_an_unshelve_that_no_host_takes_leaves_the_server_shelved(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    _do(cloud, uuid, "shelve", "shelved_offloaded")

    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE compute_nodes SET vcpus_limit = 0")
    row = _do(cloud, uuid, "unshelve", "shelved_offloaded")

    assert row.host is None
    assert cloud.last_action(uuid).row.result == "Error"
    assert row.shelved_image is not None


def test_a_snapshot_is_queued_and_becomes_active(cloud: BootCloud) -> None:
    uuid, image_id = _active(cloud), str(uuid4())

    row = _do(cloud, uuid, "create_image", "active", name="snap", image_id=image_id)

    image = _image(cloud, image_id)
    assert image is not None
    assert (image.status, image.name, image.owner) == ("active", "snap", "p1")
    assert image.properties["instance_uuid"] == uuid
    assert image.properties["image_type"] == "snapshot"
    assert row.power_state == Power.RUNNING


def test_backups_are_rotated(cloud: BootCloud) -> None:
    uuid, ids = _active(cloud), [str(uuid4()) for _ in range(3)]

    for image_id in ids:
        wish = {"name": "b", "image_id": image_id, "backup_type": "daily", "rotation": 2}
        _do(cloud, uuid, "create_backup", "active", **wish)

    kept = [image_id for image_id in ids if _image(cloud, image_id)]
    assert kept == ids[1:]


def test_the_image_of_a_snapshot_that_was_overtaken_is_forgotten(cloud: BootCloud) -> None:
    uuid, image_id = _active(cloud), str(uuid4())
    cloud.agent.stop()
    server = cloud.zone.servers.find(_admin(), uuid, anywhere=True)
    wish = {"name": "snap", "image_id": image_id}
    cloud.zone.acts.act(_admin(), server, "create_image", wish)
    queued = _image(cloud, image_id)

    cloud.delete(uuid)

    assert queued is not None
    assert queued.status == "queued"
    assert _image(cloud, image_id) is None


def test_a_deleted_server_can_be_restored_for_a_while(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"reclaim_instance_interval": 3600}) as cloud:
        uuid = _active(cloud)
        cloud.delete(uuid)
        row = cloud.wait(uuid, "soft-delete").row
        off = _power(cloud, uuid)
        cloud.delete(uuid)  # changes nothing
        _do(cloud, uuid, "restore", "active")
        on = _power(cloud, uuid)
        server = cloud.zone.servers.find(_admin(), uuid, anywhere=True)
        cloud.zone.acts.act(_admin(), server, "force_delete")

        assert off == {row.host: Power.SHUTDOWN}
        assert on == {row.host: Power.RUNNING}
        assert eventually(lambda: cloud.is_gone(uuid))
        assert _claims_are_right(cloud)


def test_a_deleted_server_goes_for_good_in_the_end(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"reclaim_instance_interval": 1}) as cloud:
        uuid = _active(cloud)
        cloud.delete(uuid)

        assert eventually(lambda: cloud.is_gone(uuid))
        assert _power(cloud, uuid) == {}
        assert _claims_are_right(cloud)


def test_a_server_cannot_be_evacuated_while_its_host_is_up(cloud: BootCloud) -> None:
    uuid = _active(cloud)

    with pytest.raises(errors.ServiceStillUp, match="is still in use"):
        _do(cloud, uuid, "evacuate", "active")


def _force_down(cloud: BootCloud, host: str, down: bool) -> None:
    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE services SET forced_down = ? WHERE host = ?", (down, host)
        )


@pytest.mark.parametrize(
    ("wish", "rests", "power"), [({}, "active", 1), ({"stay_off": True}, "stopped", 4)]
)
def test_an_evacuated_server_runs_elsewhere_and_its_host_cleans_up(
    cloud: BootCloud, wish: Mapping[str, Any], rests: str, power: int
) -> None:
    uuid, stays = _active(cloud), _active(cloud)
    source = str(cloud.show(uuid).row.host)
    _force_down(cloud, source, True)

    row = _do(cloud, uuid, "evacuate", rests, **wish)

    assert row.host not in (None, source)
    assert eventually(lambda: _power(cloud, uuid) == {row.host: power})
    assert eventually(lambda: _moves(cloud, uuid) == [("evacuation", "completed")])
    assert list(_power(cloud, stays).values()) == [Power.RUNNING]
    assert eventually(lambda: _claims_are_right(cloud))


def test_an_evacuation_that_fails_leaves_the_server_to_its_host(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    source = str(cloud.show(uuid).row.host)
    _force_down(cloud, source, True)
    _wish(cloud, '{"fake:fail_spawn": "*"}')

    row = _do(cloud, uuid, "evacuate", "error")

    assert row.host == source
    assert _power(cloud, uuid) == {source: Power.RUNNING}
    assert _moves(cloud, uuid) == [("evacuation", "error")]
    assert eventually(lambda: _claims_are_right(cloud))


@pytest.mark.parametrize("action", ["resize", "migrate"])
def test_a_server_deleted_before_it_is_confirmed_is_gone_from_both_hosts(
    cloud: BootCloud, action: str
) -> None:
    uuid = _active(cloud)
    wish = {"flavor": "2"} if action == "resize" else {}
    _do(cloud, uuid, action, "resized", **wish)

    cloud.delete(uuid)

    assert eventually(lambda: cloud.is_gone(uuid))
    assert eventually(lambda: _power(cloud, uuid) == {})
    assert _instances_on(cloud) == {}
    assert _claims_are_right(cloud)


def test_a_lock_keeps_owners_out_and_administrators_in(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    acts = cloud.zone.acts
    server = cloud.zone.servers.find(cloud.alice, uuid)

    acts.lock(cloud.alice, server, "mine")
    with pytest.raises(errors.InstanceLocked):
        cloud.act(uuid, "stop")
    _do(cloud, uuid, "stop", "stopped")
    acts.unlock(cloud.alice, server)
    cloud.act(uuid, "start")

    assert cloud.wait(uuid, "active").row.locked_reason is None
    logged = {a.action for a in cloud.zone.servers.actions(cloud.alice, uuid)}
    assert {"lock", "unlock"} <= logged


def test_an_owner_does_not_lift_the_lock_of_an_administrator(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    server = cloud.zone.servers.find(cloud.alice, uuid)

    cloud.zone.acts.lock(_admin(), server, None)
    cloud.zone.acts.lock(cloud.alice, server, "mine now")

    assert cloud.show(uuid).row.locked_by == "admin"


def test_a_state_is_reset_without_any_host(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    cloud.agent.stop()
    cloud.act(uuid, "stop")
    server = cloud.zone.servers.find(cloud.alice, uuid)

    cloud.zone.acts.reset_state(_admin(), server, "error")

    row = cloud.show(uuid).row
    assert (row.vm_state, row.task_state) == ("error", None)
    assert cloud.last_action(uuid).row.result == "Error"


def test_the_quota_is_asked_before_a_server_grows(cloud: BootCloud) -> None:
    uuid = _active(cloud)
    cloud.conf.set_override("cores", 3, "quota")

    with pytest.raises(errors.QuotaExceeded, match="cores: Requested 3, but already used 1 of 3"):
        _do(cloud, uuid, "resize", "resized", flavor="4")


def test_the_same_flavor_is_no_resize(cloud: BootCloud) -> None:
    uuid = _active(cloud)

    with pytest.raises(errors.BadRequest, match="instances must change flavor"):
        _do(cloud, uuid, "resize", "resized", flavor="1")
