"""Every action on a server that stays where it is, carried out by conductor and compute."""

from pathlib import Path
from uuid import uuid4

import bcrypt
import pytest

from minicloud import errors
from minicloud.instance_states import Power
from tests.functional.acting import (
    acting_cloud,
    admin,
    boot_one,
    claims_are_right,
    do,
    image_of,
    instances_on,
    power_of,
)
from tests.functional.boot_cloud import BootCloud, boot_cloud, eventually
from tests.functional.things import IMAGE

__all__ = ["acting_cloud"]


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
    uuid = boot_one(cloud)

    row = do(cloud, uuid, there, state)
    seen = power_of(cloud, uuid)
    again = do(cloud, uuid, back, "active")

    assert seen == {row.host: power}
    assert row.power_state == power
    assert power_of(cloud, uuid) == {row.host: Power.RUNNING}
    assert again.power_state == Power.RUNNING
    assert cloud.last_action(uuid).row.result == "Success"


def test_a_rescued_server_runs_from_the_image_that_was_named(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    row = do(cloud, uuid, "rescue", "rescued", image=IMAGE)

    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert guest.rescue_image == IMAGE
    with pytest.raises(errors.InvalidState, match=r"Cannot 'pause' .* vm_state rescued"):
        do(cloud, uuid, "pause", "paused")


def test_a_guest_is_told_its_new_password_as_a_hash(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    hashed = bcrypt.hashpw(b"s3cret", bcrypt.gensalt(4)).decode()

    row = do(cloud, uuid, "change_password", "active", password_hash=hashed)

    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert guest.password_hash
    assert bcrypt.checkpw(b"s3cret", guest.password_hash.encode())


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_rebuilt_server_has_a_new_disk_and_is_what_it_was(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = boot_one(cloud)
    if before == "stopped":
        do(cloud, uuid, "stop", "stopped")

    row = do(cloud, uuid, "rebuild", before, image=IMAGE, facts={"display_name": "new"})

    assert (row.image_ref, row.display_name) == (IMAGE, "new")
    assert power_of(cloud, uuid) == {row.host: power}
    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert (guest.image, guest.boots) == (IMAGE, 1)


def test_a_shelved_server_leaves_its_host_and_comes_back(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    row = do(cloud, uuid, "shelve", "shelved_offloaded")
    saved = image_of(cloud, str(row.shelved_image))
    away = (row.host, power_of(cloud, uuid), instances_on(cloud))
    back = do(cloud, uuid, "unshelve", "active")

    assert saved is not None
    assert (saved.status, saved.name, saved.size_bytes) == ("active", "vm-shelved", 0)
    assert away == (None, {}, {})
    assert power_of(cloud, uuid) == {back.host: Power.RUNNING}
    assert back.shelved_image is None
    assert image_of(cloud, saved.id) is None
    assert claims_are_right(cloud)


def test_a_shelved_server_stays_on_its_host_where_it_is_never_offloaded(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"shelved_offload_time": -1}) as cloud:
        uuid = boot_one(cloud)
        row = do(cloud, uuid, "shelve", "shelved")
        off = power_of(cloud, uuid)
        do(cloud, uuid, "unshelve_here", "active")
        on = power_of(cloud, uuid)
        do(cloud, uuid, "shelve", "shelved")
        do(cloud, uuid, "shelve_offload", "shelved_offloaded")

        assert off == {row.host: Power.SHUTDOWN}
        assert on == {row.host: Power.RUNNING}
        assert power_of(cloud, uuid) == {}
        assert claims_are_right(cloud)


def test_a_shelved_server_is_offloaded_after_a_while(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"shelved_offload_time": 1}) as cloud:
        uuid = boot_one(cloud)
        server = cloud.zone.servers.find(admin(), uuid, anywhere=True)
        cloud.zone.acts.act(admin(), server, "shelve")

        eventually(lambda: cloud.show(uuid).row.vm_state == "shelved_offloaded")


def test_an_unshelve_that_no_host_takes_leaves_the_server_shelved(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    do(cloud, uuid, "shelve", "shelved_offloaded")

    with cloud.books.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE compute_nodes SET vcpus_limit = 0")
    row = do(cloud, uuid, "unshelve", "shelved_offloaded")

    assert row.host is None
    assert cloud.last_action(uuid).row.result == "Error"
    assert row.shelved_image is not None


def test_a_snapshot_is_queued_and_becomes_active(cloud: BootCloud) -> None:
    uuid, image_id = boot_one(cloud), str(uuid4())

    row = do(cloud, uuid, "create_image", "active", name="snap", image_id=image_id)

    image = image_of(cloud, image_id)
    assert image is not None
    assert (image.status, image.name, image.owner) == ("active", "snap", "p1")
    assert image.properties["instance_uuid"] == uuid
    assert image.properties["image_type"] == "snapshot"
    assert row.power_state == Power.RUNNING


def test_backups_are_rotated(cloud: BootCloud) -> None:
    uuid, ids = boot_one(cloud), [str(uuid4()) for _ in range(3)]

    for image_id in ids:
        wish = {"name": "b", "image_id": image_id, "backup_type": "daily", "rotation": 2}
        do(cloud, uuid, "create_backup", "active", **wish)

    kept = [image_id for image_id in ids if image_of(cloud, image_id)]
    assert kept == ids[1:]


def test_the_image_of_a_snapshot_that_was_overtaken_is_forgotten(cloud: BootCloud) -> None:
    uuid, image_id = boot_one(cloud), str(uuid4())
    cloud.agent.stop()
    server = cloud.zone.servers.find(admin(), uuid, anywhere=True)
    wish = {"name": "snap", "image_id": image_id}
    cloud.zone.acts.act(admin(), server, "create_image", wish)
    queued = image_of(cloud, image_id)

    cloud.delete(uuid)

    assert queued is not None
    assert queued.status == "queued"
    assert image_of(cloud, image_id) is None


def test_a_deleted_server_can_be_restored_for_a_while(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"reclaim_instance_interval": 3600}) as cloud:
        uuid = boot_one(cloud)
        cloud.delete(uuid)
        row = cloud.wait(uuid, "soft-delete").row
        off = power_of(cloud, uuid)
        cloud.delete(uuid)  # changes nothing
        do(cloud, uuid, "restore", "active")
        on = power_of(cloud, uuid)
        server = cloud.zone.servers.find(admin(), uuid, anywhere=True)
        cloud.zone.acts.act(admin(), server, "force_delete")

        assert off == {row.host: Power.SHUTDOWN}
        assert on == {row.host: Power.RUNNING}
        assert eventually(lambda: cloud.is_gone(uuid))
        assert claims_are_right(cloud)


def test_a_deleted_server_goes_for_good_in_the_end(tmp_path: Path) -> None:
    with boot_cloud(tmp_path, options={"reclaim_instance_interval": 1}) as cloud:
        uuid = boot_one(cloud)
        cloud.delete(uuid)

        assert eventually(lambda: cloud.is_gone(uuid))
        assert power_of(cloud, uuid) == {}
        assert claims_are_right(cloud)


def test_a_lock_keeps_owners_out_and_administrators_in(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    acts = cloud.zone.acts
    server = cloud.zone.servers.find(cloud.alice, uuid)

    acts.lock(cloud.alice, server, "mine")
    with pytest.raises(errors.InstanceLocked):
        cloud.act(uuid, "stop")
    do(cloud, uuid, "stop", "stopped")
    acts.unlock(cloud.alice, server)
    cloud.act(uuid, "start")

    assert cloud.wait(uuid, "active").row.locked_reason is None
    logged = {a.action for a in cloud.zone.servers.actions(cloud.alice, uuid)}
    assert {"lock", "unlock"} <= logged


def test_an_owner_does_not_lift_the_lock_of_an_administrator(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    server = cloud.zone.servers.find(cloud.alice, uuid)

    cloud.zone.acts.lock(admin(), server, None)
    cloud.zone.acts.lock(cloud.alice, server, "mine now")

    assert cloud.show(uuid).row.locked_by == "admin"


def test_a_state_is_reset_without_any_host(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    cloud.agent.stop()
    cloud.act(uuid, "stop")
    server = cloud.zone.servers.find(cloud.alice, uuid)

    cloud.zone.acts.reset_state(admin(), server, "error")

    row = cloud.show(uuid).row
    assert (row.vm_state, row.task_state) == ("error", None)
    assert cloud.last_action(uuid).row.result == "Error"


def test_a_rebuild_takes_no_key_that_is_not_its_owners(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    with pytest.raises(errors.BadRequest, match="Invalid key_name"):
        do(cloud, uuid, "rebuild", "active", image=IMAGE, facts={"key_name": "nobodys"})


def test_a_rebuilt_guest_is_told_its_password(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    row = do(cloud, uuid, "rebuild", "active", image=IMAGE, password_hash="$2b$04$told")

    guest = cloud.hypervisor._store.get(str(row.host), uuid)
    assert guest is not None
    assert guest.password_hash == "$2b$04$told"
