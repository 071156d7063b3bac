"""Aggregates."""

from collections.abc import Mapping
from uuid import UUID

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base
from tests.unit.api.fake_zone.rows import T0


class FakeAggregates:
    """One without hosts; tests/functional/test_aggregates.py has real ones."""

    def list(self, context: RequestContext) -> list[base.AggregateView]:
        row = models.Aggregate(
            id=1, uuid=str(UUID(int=1)), name="fast-io", meta={}, created_at=T0, updated_at=T0
        )
        return [base.AggregateView(row, [])]

    def show(self, context: RequestContext, ref: int) -> base.AggregateView:
        if ref != 1:
            raise errors.AggregateNotFound(ref)
        return self.list(context)[0]

    def create(self, context: RequestContext, name: str, zone: str | None) -> base.AggregateView:
        return self.show(context, 1)

    def update(
        self, context: RequestContext, ref: int, name: str | None, meta: Mapping[str, str | None]
    ) -> base.AggregateView:
        return self.show(context, ref)

    def delete(self, context: RequestContext, ref: int) -> None:
        self.show(context, ref)

    def add_host(self, context: RequestContext, ref: int, host: str) -> base.AggregateView:
        return self.show(context, ref)

    def remove_host(self, context: RequestContext, ref: int, host: str) -> base.AggregateView:
        return self.show(context, ref)
