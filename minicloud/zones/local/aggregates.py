"""Aggregates of this zone."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import aggregates, services
from minicloud.db.engine import Database, settled
from minicloud.db.models import Aggregate
from minicloud.servicegroup.base import COMPUTE
from minicloud.zones.base import AggregateView

_Change = Callable[[Session, Aggregate, bool], None]


class LocalAggregates:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, context: RequestContext) -> Sequence[AggregateView]:
        rows, members = self._database.read(
            lambda db: (aggregates.all_of_them(db), aggregates.members(db))
        )
        return [AggregateView(row, members.get(row.id, [])) for row in rows]

    def show(self, context: RequestContext, ref: int) -> AggregateView:
        found = [view for view in self.list(context) if view.row.id == ref]
        if not found:
            raise errors.AggregateNotFound(ref)
        return found[0]

    def create(self, context: RequestContext, name: str, zone: str | None) -> AggregateView:
        meta = {aggregates.ZONE_KEY: zone} if zone else {}
        now = self._database.now()

        def work(db: Session, again: bool) -> Aggregate:
            made = aggregates.made_at(db, name, now) if again else None
            return made or aggregates.add(db, name, meta, now)

        row = self._database.write_once(work, "api.aggregate")
        return AggregateView(row, [])

    def update(
        self, context: RequestContext, ref: int, name: str | None, meta: Mapping[str, str | None]
    ) -> AggregateView:
        now = self._database.now()

        def change(db: Session, row: Aggregate, again: bool) -> None:
            if name is not None and name != row.name:
                aggregates.rename(db, row, name, now)
            aggregates.set_meta(db, row, meta, now)

        return self._changed(context, ref, change)

    def delete(self, context: RequestContext, ref: int) -> None:
        def work(db: Session, again: bool) -> None:
            with settled(again, errors.AggregateNotFound):
                aggregates.remove(db, aggregates.locked(db, ref))

        self._database.write_once(work, "api.aggregate")

    def add_host(self, context: RequestContext, ref: int, host: str) -> AggregateView:
        now = self._database.now()

        def change(db: Session, row: Aggregate, again: bool) -> None:
            if again and host in aggregates.members(db).get(row.id, []):
                return
            if not services.of_group(db, COMPUTE, host):
                raise errors.ComputeHostNotFound(host)
            aggregates.add_host(db, row, host, now)

        return self._changed(context, ref, change)

    def remove_host(self, context: RequestContext, ref: int, host: str) -> AggregateView:
        now = self._database.now()

        def change(db: Session, row: Aggregate, again: bool) -> None:
            if not again or host in aggregates.members(db).get(row.id, []):
                aggregates.remove_host(db, row, host, now)

        return self._changed(context, ref, change)

    def _changed(self, context: RequestContext, ref: int, change: _Change) -> AggregateView:
        """`change` is told whether it may have been made already."""
        self._database.write_once(
            lambda db, again: change(db, aggregates.locked(db, ref), again), "api.aggregate"
        )
        return self.show(context, ref)
