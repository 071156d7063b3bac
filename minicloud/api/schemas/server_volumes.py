"""Queries of volumes and shares that are attached to servers."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, Query
from minicloud.api.versions import Since

LIST: Final = Query({"limit": NUMBER, "offset": NUMBER})
SHARES: Final = Query({}, strict_from=Since.SHARES)
