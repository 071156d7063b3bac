"""What API handlers ask of a zone about the time that servers have run. See zones/base.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minicloud.context import RequestContext


@dataclass(frozen=True)
class Run:
    """A server that ran, and what it took up; deleted ones too."""

    uuid: str
    name: str
    project_id: str
    flavor_name: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    vm_state: str
    launched_at: datetime
    terminated_at: datetime | None


class Usages(Protocol):
    def now(self, context: RequestContext) -> datetime: ...

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
        """Servers that ran between these moments, by project and uuid.

        `marker` is the uuid of the last one of the page before; BadRequest for an unknown one.
        """
