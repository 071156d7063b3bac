"""Flavors, one of them private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base
from tests.unit.api.fake_zone.rows import T0


def flavor(number: int, *, public: bool = True) -> models.Flavor:
    return models.Flavor(
        id=number,
        flavorid=str(number),
        name=f"m1.{number}",
        description=None,
        vcpus=1,
        memory_mb=512,
        root_gb=1,
        ephemeral_gb=0,
        swap_mb=0,
        rxtx_factor=1.0,
        is_public=public,
        disabled=False,
        extra_specs={"hw:a": "b"},
        created_at=T0,
    )


@dataclass
class FakeFlavors:
    rows: list[models.Flavor] = field(
        default_factory=lambda: [flavor(1), flavor(2), flavor(3, public=False)]
    )
    filters: Mapping[str, Any] = field(default_factory=dict)

    def list(
        self, context: RequestContext, filters: Mapping[str, Any], page: base.Page
    ) -> Sequence[models.Flavor]:
        self.filters = filters
        public = filters.get("is_public")
        return [row for row in self.rows if public in (None, row.is_public)][: page.limit]

    def show(
        self, context: RequestContext, flavorid: str, *, anywhere: bool = False
    ) -> models.Flavor:
        for row in self.rows:
            if row.flavorid == flavorid and (row.is_public or anywhere):
                return row
        raise errors.FlavorNotFound(flavorid)

    def describe(
        self, context: RequestContext, flavorid: str, description: str | None
    ) -> models.Flavor:
        return self.show(context, flavorid, anywhere=True)

    def access(self, context: RequestContext, flavorid: str) -> Sequence[str]:
        self.show(context, flavorid, anywhere=True)
        return ["p2"]

    def add_access(
        self, context: RequestContext, flavorid: str, project_id: str, *, to_public: bool
    ) -> Sequence[str]:
        return [*self.access(context, flavorid), project_id]

    def remove_access(
        self, context: RequestContext, flavorid: str, project_id: str
    ) -> Sequence[str]:
        return self.access(context, flavorid)

    def create(self, context: RequestContext, facts: Mapping[str, Any]) -> models.Flavor:
        return self.rows[0]

    def delete(self, context: RequestContext, flavorid: str) -> None:
        self.show(context, flavorid)

    def set_specs(
        self, context: RequestContext, flavorid: str, changes: Mapping[str, str]
    ) -> None:
        self.show(context, flavorid)

    def delete_spec(self, context: RequestContext, flavorid: str, key: str) -> None:
        self.show(context, flavorid)
