"""Every move of a server to another host or flavor, with what it holds on the way."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud import errors
from minicloud.db import migrations, models
from minicloud.instance_states import Power
from tests.functional.acting import (
    acting_cloud,
    admin,
    boot_one,
    claims_are_right,
    do,
    instances_on,
    moves_of,
    power_of,
    wish_all,
)
from tests.functional.boot_cloud import HOSTS, BootCloud, eventually

__all__ = ["acting_cloud"]


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_resized_server_holds_room_at_both_ends_until_it_is_confirmed(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = boot_one(cloud)
    if before == "stopped":
        do(cloud, uuid, "stop", "stopped")
    source = cloud.show(uuid).row.host

    row = do(cloud, uuid, "resize", "resized", flavor="2")
    held = (instances_on(cloud), power_of(cloud, uuid), claims_are_right(cloud))
    kept = do(cloud, uuid, "confirm_resize", before)

    assert row.host != source
    assert held == (
        {source: 1, row.host: 1},
        {source: Power.SHUTDOWN, row.host: power},
        True,
    )
    assert (kept.flavor["name"], kept.memory_mb, kept.host) == ("m1.small", 2048, row.host)
    assert instances_on(cloud) == {row.host: 1}
    assert power_of(cloud, uuid) == {row.host: power}
    assert moves_of(cloud, uuid) == [("resize", "confirmed")]
    assert claims_are_right(cloud)


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("stopped", 4)])
def test_a_resize_that_is_reverted_leaves_no_trace(
    cloud: BootCloud, before: str, power: int
) -> None:
    uuid = boot_one(cloud)
    if before == "stopped":
        do(cloud, uuid, "stop", "stopped")
    source = cloud.show(uuid).row.host

    do(cloud, uuid, "resize", "resized", flavor="2")
    row = do(cloud, uuid, "revert_resize", before)

    assert (row.host, row.flavor["name"], row.memory_mb) == (source, "m1.tiny", 512)
    assert power_of(cloud, uuid) == {source: power}
    assert instances_on(cloud) == {source: 1}
    assert moves_of(cloud, uuid) == [("resize", "reverted")]
    assert claims_are_right(cloud)


def test_a_resize_that_no_host_takes_leaves_the_server_as_it_was(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    cloud.zone.flavors.create(
        admin(),
        {
            "flavorid": "huge", "name": "huge", "vcpus": 1, "memory_mb": 512, "root_gb": 999_999,
            "ephemeral_gb": 0, "swap_mb": 0, "rxtx_factor": 1.0, "is_public": True,
            "description": None,
        },
    )  # fmt: skip

    row = do(cloud, uuid, "resize", "active", flavor="huge")

    assert row.flavor["name"] == "m1.tiny"
    action = cloud.last_action(uuid).row
    assert (action.action, action.result) == ("resize", "Error")
    assert "No valid host was found" in (action.message or "")
    assert moves_of(cloud, uuid) == [("resize", "error")]
    assert claims_are_right(cloud)


def test_a_resize_that_fails_at_its_new_host_is_rolled_back(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    source = cloud.show(uuid).row.host
    wish_all(cloud, '{"fake:fail_spawn": "*"}')

    row = do(cloud, uuid, "resize", "active", flavor="2")

    assert (row.host, row.flavor["name"]) == (source, "m1.tiny")
    assert power_of(cloud, uuid) == {source: Power.RUNNING}
    assert cloud.last_action(uuid).row.result == "Error"
    assert moves_of(cloud, uuid) == [("resize", "error")]
    assert eventually(lambda: claims_are_right(cloud))


def test_a_migrated_server_keeps_its_flavor_and_changes_its_host(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    source = cloud.show(uuid).row.host
    target = next(host for host in HOSTS if host != source)

    row = do(cloud, uuid, "migrate", "resized", host=target)
    do(cloud, uuid, "confirm_resize", "active")

    assert row.host == target
    assert row.flavor["name"] == "m1.tiny"
    assert moves_of(cloud, uuid) == [("migration", "confirmed")]
    assert instances_on(cloud) == {target: 1}


@pytest.mark.parametrize(("before", "power"), [("active", 1), ("paused", 3)])
def test_a_server_moves_while_it_runs(cloud: BootCloud, before: str, power: int) -> None:
    uuid = boot_one(cloud)
    if before == "paused":
        do(cloud, uuid, "pause", "paused")
    source = cloud.show(uuid).row.host

    row = do(cloud, uuid, "live_migrate", before)

    assert row.host not in (None, source)
    assert power_of(cloud, uuid) == {row.host: power}
    assert instances_on(cloud) == {row.host: 1}
    assert moves_of(cloud, uuid) == [("live-migration", "completed")]
    assert cloud.last_action(uuid).row.action == "live-migration"
    assert claims_are_right(cloud)


def test_a_live_migration_that_fails_leaves_the_server_where_it_was(cloud: BootCloud) -> None:
    uuid = boot_one(cloud, meta={"fake:spawn_s": "0"})
    source = cloud.show(uuid).row.host
    wish_all(cloud, '{"fake:fail_spawn": "*"}')

    row = do(cloud, uuid, "live_migrate", "active")

    assert row.host == source
    assert power_of(cloud, uuid) == {source: Power.RUNNING}
    assert cloud.last_action(uuid).row.result == "Error"
    assert moves_of(cloud, uuid) == [("live-migration", "error")]
    assert claims_are_right(cloud)


def test_a_live_migration_can_be_called_off(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    source = cloud.show(uuid).row.host
    wish_all(cloud, '{"fake:spawn_s": "2"}')
    server = cloud.zone.servers.find(admin(), uuid, anywhere=True)
    cloud.zone.acts.act(admin(), server, "live_migrate", {})

    def running() -> models.Migration | None:
        move = cloud.books.read(lambda db: migrations.open_of(db, [uuid])).get(uuid)
        return move if move and move.status == "running" else None

    move = eventually(running)
    cloud.zone.acts.abort_migration(admin(), server, move.id)

    row = cloud.wait(uuid, "active").row
    assert row.host == source
    assert moves_of(cloud, uuid) == [("live-migration", "cancelled")]
    assert eventually(lambda: power_of(cloud, uuid) == {source: Power.RUNNING})
    assert claims_are_right(cloud)


def test_a_server_cannot_be_evacuated_while_its_host_is_up(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    with pytest.raises(errors.ServiceStillUp, match="is still in use"):
        do(cloud, uuid, "evacuate", "active")


def _force_down(cloud: BootCloud, host: str, down: bool) -> None:
    there = sa.update(models.Service).where(models.Service.host == host)
    cloud.books.write(lambda db: db.execute(there.values(forced_down=down)))


@pytest.mark.parametrize(
    ("wish", "rests", "power"), [({}, "active", 1), ({"stay_off": True}, "stopped", 4)]
)
def test_an_evacuated_server_runs_elsewhere_and_its_host_cleans_up(
    cloud: BootCloud, wish: Mapping[str, Any], rests: str, power: int
) -> None:
    uuid, stays = boot_one(cloud), boot_one(cloud)
    source = str(cloud.show(uuid).row.host)
    _force_down(cloud, source, True)

    row = do(cloud, uuid, "evacuate", rests, **wish)

    assert row.host not in (None, source)
    assert eventually(lambda: power_of(cloud, uuid) == {row.host: power})
    assert eventually(lambda: moves_of(cloud, uuid) == [("evacuation", "completed")])
    assert list(power_of(cloud, stays).values()) == [Power.RUNNING]
    assert eventually(lambda: claims_are_right(cloud))


def test_an_evacuation_that_fails_leaves_the_server_to_its_host(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    source = str(cloud.show(uuid).row.host)
    _force_down(cloud, source, True)
    wish_all(cloud, '{"fake:fail_spawn": "*"}')

    row = do(cloud, uuid, "evacuate", "error")

    assert row.host == source
    assert power_of(cloud, uuid) == {source: Power.RUNNING}
    assert moves_of(cloud, uuid) == [("evacuation", "error")]
    assert eventually(lambda: claims_are_right(cloud))


@pytest.mark.parametrize("action", ["resize", "migrate"])
def test_a_server_deleted_before_it_is_confirmed_is_gone_from_both_hosts(
    cloud: BootCloud, action: str
) -> None:
    uuid = boot_one(cloud)
    wish = {"flavor": "2"} if action == "resize" else {}
    do(cloud, uuid, action, "resized", **wish)

    cloud.delete(uuid)

    assert eventually(lambda: cloud.is_gone(uuid))
    assert eventually(lambda: power_of(cloud, uuid) == {})
    assert instances_on(cloud) == {}
    assert claims_are_right(cloud)


def test_the_quota_is_asked_before_a_server_grows(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)
    cloud.conf.set_override("cores", 3, "quota")

    with pytest.raises(errors.QuotaExceeded, match="cores: Requested 3, but already used 1 of 3"):
        do(cloud, uuid, "resize", "resized", flavor="4")


def test_the_same_flavor_is_no_resize(cloud: BootCloud) -> None:
    uuid = boot_one(cloud)

    with pytest.raises(errors.BadRequest, match="instances must change flavor"):
        do(cloud, uuid, "resize", "resized", flavor="1")
