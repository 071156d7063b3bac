"""Queries of volumes that are attached to servers."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, Query

LIST: Final = Query({"limit": NUMBER, "offset": NUMBER})
