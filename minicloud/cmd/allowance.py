"""How large a body a request may send: little, unless it uploads an image and may do so.

The HTTP server keeps a body on disk before an application sees the request, so this is asked when
the header is there: nobody without a token fills the disk.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

import webob
from oslo_config import cfg

from minicloud.auth.authenticator import Authenticator
from minicloud.db import images
from minicloud.db.engine import Database
from minicloud.errors import IdentityUnavailable, Unauthorized
from minicloud.runtime.clock import Clock

LOG = logging.getLogger(__name__)
_USUAL_BYTES: Final = 1 << 20  # above what the applications allow: their own refusals say more
_SILENCE_S: Final = 10.0


class Allowance:
    """Asked by the thread that serves all connections, so identity that is away is left alone.

    `awaits` tells whether an image is there that waits for its bytes. Nobody guesses the id of
    one, so a stranger's request does not make this thread ask a Keystone.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        authenticator: Authenticator,
        clock: Clock,
        awaits: Callable[[str], bool] = lambda _image_id: True,
    ) -> None:
        self._awaits = awaits
        self._authenticator, self._clock = authenticator, clock
        self._usual: int = max(_USUAL_BYTES, 2 * conf.api.max_request_body_bytes)
        self._of_image: int = conf.image.max_image_bytes + 1
        self._silent_until = 0.0

    def __call__(self, verb: str, path: str, headers: Mapping[str, str]) -> int:
        if verb != "PUT" or not (path.startswith("/image/") and path.endswith("/file")):
            return self._usual
        return self._of_image if self._is_valid(path, headers) else self._usual

    def _is_valid(self, path: str, headers: Mapping[str, str]) -> bool:
        if self._clock.monotonic() < self._silent_until:
            return False
        image_id = path.removesuffix("/file").rpartition("/")[2]
        environ = webob.Request.blank("/", method="PUT").environ
        environ["PATH_INFO"] = path.removeprefix("/image")
        environ["HTTP_X_AUTH_TOKEN"] = headers.get("X_AUTH_TOKEN", "")
        try:
            if not self._awaits(image_id):
                return False
            self._authenticator.admit(environ, "image")
        except Unauthorized:
            return False
        except IdentityUnavailable:
            self._silent_until = self._clock.monotonic() + _SILENCE_S
            return False
        except Exception:
            LOG.exception("a token could not be looked up")
            return False
        return True


def awaiting(books: Database) -> Callable[[str], bool]:
    """Whether an image of this id is queued."""
    return lambda image_id: books.read(lambda db: images.is_queued(db, image_id))
