"""What every handler of the image service works with."""

from dataclasses import dataclass

from minicloud.db import images, tokens
from minicloud.db.engine import Database
from minicloud.db.models import Image
from minicloud.db.tokens import Grant
from minicloud.errors import Forbidden, ImageNotFound
from minicloud.runtime.store import Store
from minicloud.runtime.wsgi import Call


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    store: Store
    max_limit: int

    def grant(self, call: Call) -> Grant:
        """Who asks; Unauthorized when that is nobody."""
        return tokens.required(self.database, call.header("X-Auth-Token"))

    def seen(self, call: Call) -> tuple[Grant, Image]:
        """The image of the path; to those who may not see it it is not there."""
        grant, image_id = self.grant(call), call.path["id"]
        image = self.database.read(
            lambda db: images.get(db, image_id, grant.project_id, grant.is_admin)
        )
        if image is None:
            raise ImageNotFound(image_id[:255])
        return grant, image

    def own(self, call: Call) -> tuple[Grant, Image]:
        """The image of the path, which its project or an admin may change."""
        grant, image = self.seen(call)
        if not grant.is_admin and image.owner != grant.project_id:
            raise Forbidden("You are not permitted to modify this image.")
        return grant, image
