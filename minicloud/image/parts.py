"""What every handler of the image service works with."""

from dataclasses import dataclass
from typing import Final

from minicloud.auth.authenticator import Authenticator
from minicloud.auth.caller import Caller
from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.db.models import Image
from minicloud.errors import Forbidden, ImageNotFound
from minicloud.runtime.store import Store
from minicloud.runtime.wsgi import Call

_MEMBERS: Final = frozenset({"admin", "manager", "member"})
_READERS: Final = _MEMBERS | {"reader"}


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    store: Store
    max_limit: int
    authenticator: Authenticator

    def caller(self, call: Call) -> Caller:
        """Who asks; Unauthorized when that is nobody."""
        return self.authenticator.admit(call.http.environ, "image")

    def reader(self, call: Call) -> Caller:
        """Who asks, and may read images at all."""
        return _with(self.caller(call), _READERS)

    def member(self, call: Call) -> Caller:
        """Who asks, and may make images and change them."""
        return _with(self.caller(call), _MEMBERS)

    def seen(self, call: Call) -> tuple[Caller, Image]:
        """The image of the path; to those who may not see it it is not there."""
        caller, image_id = self.caller(call), call.path["id"]
        image = self.database.read(
            lambda db: images.get(db, image_id, caller.project_id, caller.is_admin)
        )
        if image is None or not _READERS & set(caller.roles):
            raise ImageNotFound(image_id[:255])
        return caller, image

    def own(self, call: Call) -> tuple[Caller, Image]:
        """The image of the path, which members of its project or an admin may change."""
        caller, image = self.seen(call)
        if not caller.is_admin and image.owner != caller.project_id:
            raise Forbidden("You are not permitted to modify this image.")
        return _with(caller, _MEMBERS), image


def _with(caller: Caller, roles: frozenset[str]) -> Caller:
    if not roles & set(caller.roles):
        raise Forbidden("You are not authorized to complete this action.")
    return caller
