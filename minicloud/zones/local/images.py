"""Images of this zone, for the compute API."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import images, models
from minicloud.db.engine import Database
from minicloud.runtime.store import Store
from minicloud.zones.base import Page
from minicloud.zones.images import ImageFilters


class LocalImages:
    def __init__(self, database: Database, store: Store) -> None:
        self._database, self._store = database, store

    def list(
        self, context: RequestContext, filters: ImageFilters, page: Page
    ) -> Sequence[models.Image]:
        wanted = _wanted(filters, page)

        def work(db: Session) -> Sequence[models.Image]:
            if page.marker is not None and _get(db, context, page.marker) is None:
                raise errors.BadRequest(f"marker [{page.marker}] not found")
            return images.listed(db, wanted, context.project_id, context.is_admin)

        return self._database.read(work)

    def show(self, context: RequestContext, image_id: str) -> models.Image:
        image = self._database.read(lambda db: _get(db, context, image_id))
        if image is None:
            raise errors.ImageNotFound(image_id)
        return image

    def delete(self, context: RequestContext, image_id: str) -> None:
        image = self.show(context, image_id)
        _may_change(context, image)
        if image.protected:
            raise errors.Forbidden(f"Image {image_id} is protected and cannot be deleted.")

        def work(db: Session, again: bool) -> None:
            if not images.delete(db, image_id) and not again:
                raise errors.ImageNotFound(image_id)

        self._database.write_once(work, "api.image")
        self._store.forget(image_id)

    def set_properties(
        self, context: RequestContext, image: models.Image, properties: Mapping[str, str]
    ) -> models.Image:
        _may_change(context, image)
        own = images.WORDS & set(properties)
        if own:
            raise errors.Forbidden(f"Attribute '{min(own)}' is reserved.")
        values = {"properties": dict(properties), "updated_at": self._database.now()}
        self._database.write_once(
            lambda db, again: images.change(db, image, values, again=again), "api.image"
        )
        return self.show(context, image.id)


def _get(db: Session, context: RequestContext, image_id: str) -> models.Image | None:
    return images.get(db, image_id, context.project_id, context.is_admin)


def _may_change(context: RequestContext, image: models.Image) -> None:
    if not context.is_admin and image.owner != context.project_id:
        raise errors.Forbidden("You are not permitted to modify this image.")


def _wanted(filters: ImageFilters, page: Page) -> images.Wanted:
    equal: dict[str, Sequence[object]] = {}
    if filters.name is not None:
        equal["name"] = [filters.name]
    if filters.statuses is not None:
        equal["status"] = filters.statuses
    if filters.min_disk_gb is not None:
        equal["min_disk_gb"] = [filters.min_disk_gb]
    if filters.min_ram_mb is not None:
        equal["min_ram_mb"] = [filters.min_ram_mb]
    since = filters.changed_since
    return images.Wanted(
        equal=equal,
        properties=filters.properties,
        spans=[images.Span("updated_at", since, None)] if since else [],
        marker=page.marker,
        limit=page.limit,
    )
