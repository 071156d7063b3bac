"""How large a body a request may send: little, unless it uploads an image and may do so.

The HTTP server keeps a body on disk before an application sees the request, so this is asked when
the header is there: nobody without a token fills the disk.
"""

import logging
from collections.abc import Mapping

from oslo_config import cfg

from minicloud.db import tokens
from minicloud.db.engine import Database
from minicloud.runtime.http import Allowance

LOG = logging.getLogger(__name__)
_USUAL_BYTES = 1 << 20  # above what the applications allow: their own refusals say more


def of(conf: cfg.ConfigOpts, books: Database) -> Allowance:
    usual: int = max(_USUAL_BYTES, 2 * conf.api.max_request_body_bytes)

    def allowance(verb: str, path: str, headers: Mapping[str, str]) -> int:
        if verb != "PUT" or not (path.startswith("/image/") and path.endswith("/file")):
            return usual
        token = headers.get("X_AUTH_TOKEN", "")
        return int(conf.image.max_image_bytes) + 1 if _is_valid(books, token) else usual

    return allowance


def _is_valid(books: Database, token: str) -> bool:
    try:
        return books.read(lambda db: tokens.validated(db, token, books.now())) is not None
    except Exception:
        LOG.exception("a token could not be looked up")
        return False
