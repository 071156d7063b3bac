"""What API handlers ask of a zone about server groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from minicloud.context import RequestContext
from minicloud.db.models import ServerGroup


@dataclass(frozen=True)
class ServerGroupView:
    row: ServerGroup
    members: Sequence[str]  # uuids of servers that are not deleted


class ServerGroups(Protocol):
    """A group is named by its uuid; ServerGroupNotFound, also for one of another project."""

    def list(
        self, context: RequestContext, limit: int, offset: int, *, everywhere: bool = False
    ) -> Sequence[ServerGroupView]:
        """Oldest first. `everywhere`: of all projects."""

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> ServerGroupView:
        """`anywhere`: of any project."""

    def create(
        self, context: RequestContext, name: str, policy: str, rules: Mapping[str, Any]
    ) -> ServerGroupView:
        """TooManyServerGroups."""

    def check_room(self, context: RequestContext) -> None:
        """TooManyServerGroups when there is no room now; `create` is what keeps to it."""

    def delete(self, context: RequestContext, group: ServerGroup) -> None:
        """Its servers stay, and are in no group any more."""
