"""Queries of questions to the scheduler; the body of a dry run is that of a create."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, TEXT, Query
from minicloud.api.versions import MIN

WHAT_IF: Final = Query({"project_id": TEXT, "limit": NUMBER}, strict_from=MIN)
NOW: Final = Query({"limit": NUMBER}, strict_from=MIN)
