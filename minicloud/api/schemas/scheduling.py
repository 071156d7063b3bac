"""Queries of questions to the scheduler; the body of a dry run is that of a create."""

from typing import Final

from minicloud.api.schemas.query import TEXT, Query
from minicloud.api.versions import MIN

WHAT_IF: Final = Query({"project_id": TEXT}, strict_from=MIN)
