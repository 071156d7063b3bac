"""What a scheduler would say, asked without any consequence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from minicloud.context import RequestContext
from minicloud.db import models

if TYPE_CHECKING:
    from minicloud.zones.base import NewServers


@dataclass(frozen=True)
class Prospect:
    """`told`: what a scheduler says (scheduler.what_if.Prospect as a dictionary).

    `quota`: how many more of the kind the project may have; None: there is no limit.
    """

    told: Mapping[str, Any]
    count: int
    quota: int | None


class Scheduling(Protocol):
    def what_if(
        self,
        context: RequestContext,
        wanted: "NewServers",
        tell: int,
        project_id: str | None = None,
    ) -> Prospect:
        """What would become of a create. BadRequest where a create would raise it; Unavailable.

        `tell`: of how many hosts, one by one. `project_id`: for whom, if not the caller.
        """

    def last(
        self, context: RequestContext, server: models.Instance
    ) -> models.InstanceAction | None:
        """The last action that wanted a host, with its decision if that was a refusal."""

    def now(self, context: RequestContext, server: models.Instance, tell: int) -> Prospect:
        """Where a server would go now if it were not there already. Unavailable."""
