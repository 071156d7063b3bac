"""Queries of what servers have run."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, TEXT, Param, Query
from minicloud.api.versions import Since

_WINDOW: Final = {"start": TEXT, "end": TEXT}
_PAGING: Final = {
    "limit": Param(NUMBER.form, since=Since.USAGE_PAGING),
    "marker": Param(since=Since.USAGE_PAGING),
}
LIST: Final = Query({**_WINDOW, "detailed": TEXT, **_PAGING})
SHOW: Final = Query({**_WINDOW, **_PAGING})
