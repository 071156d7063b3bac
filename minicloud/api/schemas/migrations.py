"""Queries of migrations."""

from typing import Final

from minicloud.api.schemas.query import NUMBER, TEXT, Param, Query
from minicloud.api.versions import Since

_PAGED: Final = Since.MIGRATION_PAGING
EQUAL: Final = {  # parameter -> column
    "instance_uuid": "instance_uuid",
    "migration_type": "migration_type",
    "source_compute": "source_compute",
    "status": "status",
    "user_id": "user_id",
    "project_id": "project_id",
}
LIST: Final = Query(
    dict.fromkeys(("hidden", "host", *EQUAL), TEXT)
    | {
        "limit": Param(NUMBER.form, since=_PAGED),
        "marker": Param(since=_PAGED),
        "changes-since": Param(since=_PAGED),
        "changes-before": Param(since=Since.CHANGES_BEFORE),
        "user_id": Param(since=Since.MIGRATION_OWNER),
        "project_id": Param(since=Since.MIGRATION_OWNER),
    },
    strict_from=_PAGED,
)
