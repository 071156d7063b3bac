"""A cloud whose servers are acted on, and what is seen of them."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from minicloud.context import RequestContext
from minicloud.db import hosts, images, models
from minicloud.db.hosts import Need
from tests.functional.boot_cloud import HOSTS, BootCloud, boot_cloud
from tests.functional.things import add_image


@pytest.fixture(name="cloud")
def acting_cloud(tmp_path: Path) -> Iterator[BootCloud]:
    with boot_cloud(tmp_path) as cloud:
        add_image(cloud.books)
        yield cloud


def admin() -> RequestContext:
    return RequestContext(
        user_id="root", project_id="p0", roles=["admin"], is_admin=True, overwrite=False
    )


def boot_one(cloud: BootCloud, **more: Any) -> str:
    uuid = cloud.create(**more)
    cloud.wait(uuid, "active")
    return uuid


def do(cloud: BootCloud, uuid: str, action: str, rests: str, **wish: Any) -> models.Instance:
    """Ask for it, and wait until it is done."""
    server = cloud.zone.servers.find(admin(), uuid, anywhere=True)
    cloud.zone.acts.act(admin(), server, action, wish)
    return cloud.wait(uuid, rests).row


def power_of(cloud: BootCloud, uuid: str) -> dict[str, int]:
    """host -> power of its guests of this server."""
    return {h: cloud.guests(h)[uuid] for h in HOSTS if uuid in cloud.guests(h)}


def claims_are_right(cloud: BootCloud) -> bool:
    """What the hosts have given away is what is counted, on every host."""
    for node in cloud.books.read(hosts.all_nodes):
        recorded = Need(
            node.vcpus_used, node.memory_mb_used, node.disk_gb_used, node.num_instances,
            node.num_io_ops,
        )  # fmt: skip
        if recorded != cloud.books.read(partial(hosts.recount, host=node.host)):
            return False
    return True


def wish_all(cloud: BootCloud, meta: str) -> None:
    """What the simulated hypervisors are to do with every guest that is made from now on."""
    values = {"meta": json.loads(meta)}
    cloud.books.write(lambda db: db.execute(sa.update(models.Instance).values(values)))


def instances_on(cloud: BootCloud) -> dict[str, int]:
    return {h: n for h in HOSTS if (n := cloud.node(h).num_instances)}


def moves_of(cloud: BootCloud, uuid: str) -> list[tuple[str, str]]:
    """(type, status) of all moves of a server."""

    def read(db: Any) -> list[tuple[str, str]]:
        table = models.Migration
        rows = db.query(table).filter(table.instance_uuid == uuid).order_by(table.id)
        return [(row.migration_type, row.status) for row in rows]

    return cloud.books.read(read)


def image_of(cloud: BootCloud, image_id: str) -> models.Image | None:
    return cloud.books.read(lambda db: images.get(db, image_id, None, is_admin=True))
