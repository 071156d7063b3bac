"""Server groups."""

from collections.abc import Mapping
from typing import Any

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones.server_groups import ServerGroupView
from tests.unit.api.fake_zone.rows import GROUP, OWN, T0


class FakeServerGroups:
    """One of p1; tests/functional/test_server_groups.py has real ones."""

    def list(
        self, context: RequestContext, limit: int, offset: int, *, everywhere: bool = False
    ) -> list[ServerGroupView]:
        row = models.ServerGroup(
            id=1,
            uuid=GROUP,
            project_id="p1",
            user_id="alice",
            name="apart",
            policy="anti-affinity",
            rules={},
            created_at=T0,
        )
        return [ServerGroupView(row, [OWN])]

    def show(
        self, context: RequestContext, uuid: str, *, anywhere: bool = False
    ) -> ServerGroupView:
        if uuid != GROUP or not (anywhere or context.project_id == "p1"):
            raise errors.ServerGroupNotFound(uuid)
        return self.list(context, 1, 0)[0]

    def create(
        self, context: RequestContext, name: str, policy: str, rules: Mapping[str, Any]
    ) -> ServerGroupView:
        return self.list(context, 1, 0)[0]

    def check_room(self, context: RequestContext) -> None: ...

    def delete(self, context: RequestContext, group: models.ServerGroup) -> None: ...
