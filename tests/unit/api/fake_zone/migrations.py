"""Migrations."""

from collections.abc import Sequence
from uuid import UUID

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base, migrations
from tests.unit.api.fake_zone.rows import OWN, T0


class FakeMigrations:
    """One that is over; tests/functional/test_migrations.py has more."""

    def list(
        self, context: RequestContext, filters: migrations.MigrationFilters, page: base.Page
    ) -> Sequence[migrations.MigrationView]:
        row = models.Migration(
            id=1,
            uuid=str(UUID(int=1)),
            instance_uuid=OWN,
            migration_type="migration",
            status="confirmed",
            source_compute="host-1",
            source_node="node-1",
            old_flavor={},
            new_flavor={},
            user_id="alice",
            project_id="p1",
            created_at=T0,
            updated_at=T0,
        )
        return [migrations.MigrationView(row, None)]

    def of_server(
        self, context: RequestContext, server: models.Instance
    ) -> Sequence[migrations.MigrationView]:
        return []

    def one(
        self, context: RequestContext, server: models.Instance, ref: str
    ) -> migrations.MigrationView:
        raise errors.MigrationNotFound(ref, server.uuid)
