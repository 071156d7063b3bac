"""Queries of flavors."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, TEXT, Param, Query
from minicloud.api.versions import Since

LIST: Final = Query(
    {
        **dict.fromkeys(
            ("marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir"), TEXT
        ),
        "limit": NUMBER,
        "name": Param(since=Since.FLAVOR_NAME_FILTER),
    }
)
