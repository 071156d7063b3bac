"""Queries of services."""

from typing import Final

from minicloud.api.schemas.query import TEXT, Query

LIST: Final = Query({"host": TEXT, "binary": TEXT})
