"""Flavors of this zone."""

from collections.abc import Mapping, Sequence
from typing import Any

from minicloud.context import RequestContext
from minicloud.db import flavors, models
from minicloud.db.engine import Database
from minicloud.errors import FlavorNotFound
from minicloud.zones.base import Page


class LocalFlavors:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, context: RequestContext, filters: Mapping[str, Any], page: Page
    ) -> Sequence[models.Flavor]:
        sort = page.sort[0] if page.sort else ("flavorid", "asc")
        return self._database.read(
            lambda db: flavors.page(db, filters, page.limit, page.marker, sort)
        )

    def show(self, context: RequestContext, flavorid: str) -> models.Flavor:
        flavor = self._database.read(lambda db: flavors.get(db, flavorid))
        if not (flavor.is_public or context.is_admin):
            raise FlavorNotFound(flavorid)
        return flavor

    def create(self, context: RequestContext, facts: Mapping[str, Any]) -> models.Flavor:
        now = self._database.now()
        return self._database.write(lambda db: flavors.add(db, facts, now), "api.flavor")

    def delete(self, context: RequestContext, flavorid: str) -> None:
        self._database.write(lambda db: flavors.remove(db, flavorid), "api.flavor")

    def set_specs(
        self, context: RequestContext, flavorid: str, changes: Mapping[str, str]
    ) -> None:
        self._database.write(lambda db: flavors.set_specs(db, flavorid, changes), "api.flavor")

    def delete_spec(self, context: RequestContext, flavorid: str, key: str) -> None:
        self._database.write(lambda db: flavors.remove_spec(db, flavorid, key), "api.flavor")
