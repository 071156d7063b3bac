"""Flavors of this zone."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import flavors, models
from minicloud.db.engine import Database, settled
from minicloud.zones.base import Page


class LocalFlavors:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, context: RequestContext, filters: Mapping[str, Any], page: Page
    ) -> Sequence[models.Flavor]:
        sort = page.sort[0] if page.sort else ("flavorid", "asc")
        return self._database.read(
            lambda db: flavors.page(db, filters, page.limit, page.marker, sort, context.project_id)
        )

    def show(
        self, context: RequestContext, flavorid: str, *, anywhere: bool = False
    ) -> models.Flavor:
        project_id = None if anywhere else context.project_id
        return self._database.read(lambda db: flavors.get(db, flavorid, project_id))

    def create(self, context: RequestContext, facts: Mapping[str, Any]) -> models.Flavor:
        now = self._database.now()

        def work(db: Session, again: bool) -> models.Flavor:
            made = flavors.made_at(db, facts["flavorid"], now) if again else None
            return made or flavors.add(db, facts, now)

        return self._database.write_once(work, "api.flavor")

    def describe(
        self, context: RequestContext, flavorid: str, description: str | None
    ) -> models.Flavor:
        return self._database.write(
            lambda db: flavors.describe(db, flavorid, description), "api.flavor"
        )

    def delete(self, context: RequestContext, flavorid: str) -> None:
        def work(db: Session, again: bool) -> None:
            with settled(again, errors.FlavorNotFound):
                flavors.remove(db, flavorid)

        self._database.write_once(work, "api.flavor")

    def set_specs(
        self, context: RequestContext, flavorid: str, changes: Mapping[str, str]
    ) -> None:
        self._database.write(lambda db: flavors.set_specs(db, flavorid, changes), "api.flavor")

    def delete_spec(self, context: RequestContext, flavorid: str, key: str) -> None:
        def work(db: Session, again: bool) -> None:
            with settled(again, errors.FlavorSpecNotFound):
                flavors.remove_spec(db, flavorid, key)

        self._database.write_once(work, "api.flavor")

    def access(self, context: RequestContext, flavorid: str) -> Sequence[str]:
        def work(db: Session) -> Sequence[str]:
            flavor = flavors.get(db, flavorid)
            if flavor.is_public:
                raise errors.NotFound("Access list not available for public flavors.")
            return flavors.access(db, flavor)

        return self._database.read(work)

    def add_access(
        self, context: RequestContext, flavorid: str, project_id: str, *, to_public: bool
    ) -> Sequence[str]:
        def work(db: Session, again: bool) -> Sequence[str]:
            flavor = flavors.locked(db, flavorid)
            if flavor.is_public and not to_public:
                raise errors.Conflict("Can not add access to a public flavor.")
            with settled(again, errors.FlavorAccessExists):
                flavors.add_access(db, flavor, project_id)
            return flavors.access(db, flavor)

        return self._database.write_once(work, "api.flavor")

    def remove_access(
        self, context: RequestContext, flavorid: str, project_id: str
    ) -> Sequence[str]:
        def work(db: Session, again: bool) -> Sequence[str]:
            flavor = flavors.locked(db, flavorid)
            with settled(again, errors.FlavorAccessNotFound):
                flavors.remove_access(db, flavor, project_id)
            return flavors.access(db, flavor)

        return self._database.write_once(work, "api.flavor")
