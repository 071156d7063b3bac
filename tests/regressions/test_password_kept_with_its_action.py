"""The hash of a new password stayed in the parameters of its instance action for ever."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from minicloud.db import models
from tests.functional.acting import boot_one, do
from tests.functional.boot_cloud import boot_cloud


@pytest.mark.parametrize("action", ["change_password", "rescue"])
def test_an_action_that_has_ended_knows_no_password(tmp_path: Path, action: str) -> None:
    with boot_cloud(tmp_path) as cloud:
        uuid = boot_one(cloud)

        rests = "rescued" if action == "rescue" else "active"
        do(cloud, uuid, action, rests, password_hash="$2b$08$canary")

        rows = cloud.books.read(
            lambda db: list(db.scalars(sa.select(models.InstanceAction.parameters)))
        )
        assert any("canary" in str(guest) for guest in _guests(cloud.conf.state_path))
        assert "canary" not in str(rows)


def _guests(state_path: str) -> list[bytes]:
    return [path.read_bytes() for path in Path(state_path, "guests").iterdir()]
