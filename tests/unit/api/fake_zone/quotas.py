"""Limits, and what is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minicloud.context import RequestContext
from minicloud.zones import base, quotas, usages
from tests.unit.api.fake_zone.rows import T0


@dataclass
class FakeLimits:
    def usage(self, context: RequestContext, project_id: str) -> base.Usage:
        return base.Usage(2, 3, 1024)

    def absolute(self, context: RequestContext, project_id: str) -> Mapping[str, int]:
        return {"instances": 10, "cores": 20, "ram": 51200, "metadata_items": 128}


class FakeQuotas:
    """What tests/functional/test_quota_sets.py does with real books, frozen."""

    def show(
        self, context: RequestContext, project_id: str, user_id: str | None
    ) -> Mapping[str, quotas.Allowance]:
        return {"cores": quotas.Allowance(20, 3)}

    def update(
        self,
        context: RequestContext,
        project_id: str,
        user_id: str | None,
        changes: Mapping[str, int],
        *,
        force: bool,
    ) -> Mapping[str, quotas.Allowance]:
        return {name: quotas.Allowance(limit, 0) for name, limit in changes.items()}

    def delete(self, context: RequestContext, project_id: str, user_id: str | None) -> None:
        pass

    def defaults(self, context: RequestContext) -> Mapping[str, int]:
        return {"cores": 20}

    def show_class(self, context: RequestContext, name: str) -> Mapping[str, int]:
        return {"cores": 20}

    def update_class(
        self, context: RequestContext, name: str, changes: Mapping[str, int]
    ) -> Mapping[str, int]:
        return changes


class FakeUsages:
    """Nothing ran; tests/functional/test_usages.py has servers."""

    def now(self, context: RequestContext) -> datetime:
        return T0

    def list(
        self, context: RequestContext, begin: datetime, end: datetime, **narrowed: Any
    ) -> list[usages.Run]:
        return []
