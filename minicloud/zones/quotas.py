"""What API handlers ask of a zone about limits: who may have how much. See zones/base.py.

A limit below 0 is none. Where a user is named, the limits of this user in the project are meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from minicloud.context import RequestContext


@dataclass(frozen=True)
class Allowance:
    limit: int
    in_use: int


class Quotas(Protocol):
    def show(
        self, context: RequestContext, project_id: str, user_id: str | None
    ) -> Mapping[str, Allowance]:
        """What holds for a project or a user, by resource."""

    def update(
        self,
        context: RequestContext,
        project_id: str,
        user_id: str | None,
        changes: Mapping[str, int],
        *,
        force: bool,
    ) -> Mapping[str, Allowance]:
        """BadRequest for less than is used or more than the project has, unless `force`."""

    def delete(self, context: RequestContext, project_id: str, user_id: str | None) -> None:
        """Back to the defaults."""

    def defaults(self, context: RequestContext) -> Mapping[str, int]:
        """What holds for a project without limits of its own."""

    def show_class(self, context: RequestContext, name: str) -> Mapping[str, int]: ...

    def update_class(
        self, context: RequestContext, name: str, changes: Mapping[str, int]
    ) -> Mapping[str, int]: ...
