"""Moves of this zone's servers, as they are read."""

from collections.abc import Sequence

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import moves, rows
from minicloud.db.engine import Database
from minicloud.db.models import Instance
from minicloud.zones.base import Page
from minicloud.zones.migrations import MigrationFilters, MigrationView


class LocalMigrations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, context: RequestContext, filters: MigrationFilters, page: Page
    ) -> Sequence[MigrationView]:
        found = self._database.read(lambda db: moves.page(db, filters, page.limit, page.marker))
        return [MigrationView(*move) for move in found]

    def of_server(self, context: RequestContext, server: Instance) -> Sequence[MigrationView]:
        found = self._database.read(lambda db: moves.of_server(db, server.uuid))
        return [MigrationView(*move) for move in found]

    def one(self, context: RequestContext, server: Instance, ref: str) -> MigrationView:
        number = rows.number(ref)
        if number is None:
            raise errors.MigrationNotFound(ref, server.uuid)
        found = self._database.read(lambda db: moves.one(db, server.uuid, number))
        if found is None:
            raise errors.MigrationNotFound(ref, server.uuid)
        row = found[0]
        if row.migration_type != moves.LIVE:
            raise errors.NotFound(
                f"Migration {row.id} for server {server.uuid} is not live-migration."
            )
        if row.status not in moves.UNDER_WAY:
            raise errors.NotFound(
                f"Live migration {row.id} for server {server.uuid} is not in progress."
            )
        return MigrationView(*found)
