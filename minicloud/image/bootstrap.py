"""The image that a new cloud begins with."""

import io
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from oslo_config import cfg
from sqlalchemy.orm import Session

from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.db.models import Image
from minicloud.errors import Conflict
from minicloud.runtime.store import Store

# Always the same, so that of two processes that begin at once only one writes it.
CIRROS_ID: Final = str(uuid5(NAMESPACE_URL, "minicloud:image:cirros"))
_CONTENT: Final = b"This is a stand-in for the cirros image: simulated guests boot from it.\n" * 64


def bootstrap(database: Database, conf: cfg.ConfigOpts, admin_project_id: str) -> None:
    """Make the public image `cirros`, unless it is there."""
    if database.read(lambda db: images.get(db, CIRROS_ID, admin_project_id, True)) is not None:
        return
    store, now = Store.of(conf), database.now()

    def work(db: Session) -> None:
        images.insert(
            db,
            Image(
                id=CIRROS_ID,
                name="cirros",
                owner=admin_project_id,
                status="queued",
                visibility="public",
                disk_format="raw",
                container_format="bare",
                properties={
                    "description": "A small generated stand-in for cirros, not a real system.",
                    "os_distro": "cirros",
                },
                tags=[],
                created_at=now,
                updated_at=now,
            ),
        )
        here = (received.size_bytes, received.checksum, received.hash_value)
        images.activate(db, CIRROS_ID, *here, now)
        store.keep(CIRROS_ID, received)

    with store.received(CIRROS_ID, io.BytesIO(_CONTENT)) as received:
        try:
            database.write(work, "image.bootstrap")
        except Conflict:  # another process has just done it
            return
