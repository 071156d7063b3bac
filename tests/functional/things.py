"""Rows that a test over books needs before it can ask for a server."""

from minicloud.db.engine import Database
from minicloud.db.models import Image

IMAGE = "11111111-2222-4333-8444-555555555555"


def add_image(database: Database) -> str:
    """A public image that can be booted; its id."""
    now = database.now()
    image = Image(
        id=IMAGE,
        name="cirros",
        owner="p1",
        status="active",
        visibility="public",
        properties={},
        tags=[],
        created_at=now,
        updated_at=now,
    )
    database.write(lambda db: db.add(image))
    return IMAGE
