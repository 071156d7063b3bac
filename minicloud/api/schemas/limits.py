"""Queries of limits."""

from typing import Final

from minicloud.api.schemas.query import TEXT, Query

SHOW: Final = Query({"reserved": TEXT, "tenant_id": TEXT})
