"""The image of a shelved server whose state was reset stayed when it was shelved again."""

import sqlalchemy as sa

from minicloud.db.models import Image
from tests.simulation.calm import calm_cloud


def test_a_server_that_is_shelved_again_has_one_image() -> None:
    with calm_cloud(offload_s=-1) as cloud:
        uuid = cloud.boot()
        for _ in range(2):
            cloud.act(uuid, "shelve")
            cloud.run_s(10.0)
            cloud.reset_state(uuid, "active")
            cloud.run_s(40.0)

        shelved = sa.select(Image.id).where(Image.name == "vm-shelved")
        found = cloud.world.books.read(lambda db: list(db.scalars(shelved)))

        assert found == [cloud.row(uuid).shelved_image]
