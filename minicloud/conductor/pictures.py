"""The images that tasks make: queued when asked for, active once the disk is saved.

The disk of a simulated guest holds nothing, so its image has 0 bytes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from minicloud.db import actions, images
from minicloud.db.models import Instance
from minicloud.instance_states import IMAGING

_MD5_OF_NOTHING: Final = hashlib.md5(b"", usedforsecurity=False).hexdigest()
_SHA512_OF_NOTHING: Final = hashlib.sha512(b"").hexdigest()


class Pictures:
    """What the actions under way on locked rows save."""

    def __init__(self, db: Session, now: datetime) -> None:
        self._db, self._now = db, now
        self._wanted: dict[str, Mapping[str, Any]] = {}

    def take(self, rows: Iterable[Instance]) -> None:
        """Read what these rows were asked to save."""
        saving = {
            row.action_id: row.uuid
            for row in rows
            if row.task_state in IMAGING and row.action_id is not None
        }
        for action_id, wanted in actions.parameters_of(self._db, saving).items():
            self._wanted[saving[action_id]] = wanted

    def saved(self, row: Instance) -> None:
        """The disk is in its image; older backups than are to be kept go."""
        wanted = self._wanted.get(row.uuid)
        if wanted is None:
            return
        images.activate(
            self._db, wanted["image_id"], 0, _MD5_OF_NOTHING, _SHA512_OF_NOTHING, self._now
        )
        if "rotation" in wanted:
            images.rotate(self._db, row.uuid, wanted["backup_type"], wanted["rotation"])

    def lost(self, row: Instance) -> None:
        """Nothing was saved: the image that waits for it goes."""
        wanted = self._wanted.get(row.uuid)
        if wanted is not None:
            images.forget(self._db, wanted["image_id"])

    def unshelved(self, row: Instance) -> None:
        """The image that a shelved instance was kept in is of no use any more."""
        if row.shelved_image is not None:
            images.delete(self._db, row.shelved_image)
