"""Queries of instance actions."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, Param, Query
from minicloud.api.versions import Since

_PAGED: Final = Since.ACTION_PAGING
LIST: Final = Query(
    {
        "limit": Param(NUMBER.form, since=_PAGED),
        "marker": Param(since=_PAGED),
        "changes-since": Param(since=_PAGED),
        "changes-before": Param(since=Since.CHANGES_BEFORE),
    },
    strict_from=Since.ACTION_PAGING,
)
