"""What servers of this zone have run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import usages
from minicloud.db.engine import Database
from minicloud.zones.usages import Run


class LocalUsages:
    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self, context: RequestContext) -> datetime:
        return self._database.now()

    def list(
        self,
        context: RequestContext,
        begin: datetime,
        end: datetime,
        *,
        limit: int,
        project_id: str | None = None,
        marker: str | None = None,
    ) -> Sequence[Run]:
        def work(db: Session) -> Sequence[sa.Row[Any]]:
            after = None
            if marker is not None:
                after = usages.place(db, marker)
                if after is None or project_id not in (None, after[0]):
                    raise errors.BadRequest(f"Marker {marker} could not be found.")
            return usages.between(db, begin, end, project_id, limit, after)

        return [_run(row) for row in self._database.read(work)]


def _run(row: Any) -> Run:
    return Run(
        uuid=row.uuid,
        name=row.display_name,
        project_id=row.project_id,
        flavor_name=row.flavor.get("name", ""),
        vcpus=row.vcpus,
        memory_mb=row.memory_mb,
        disk_gb=row.disk_gb,
        vm_state=row.vm_state,
        launched_at=row.launched_at,
        terminated_at=row.terminated_at,
    )
