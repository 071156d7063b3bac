"""What the compute API asks of a zone about images: what Nova once handed on to Glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones.base import Page


@dataclass(frozen=True)
class ImageFilters:
    """What a listing is narrowed to; None: not narrowed by this."""

    name: str | None = None
    statuses: Sequence[str] | None = None
    min_disk_gb: int | None = None
    min_ram_mb: int | None = None
    changed_since: datetime | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


class Images(Protocol):
    """Of images that a project may not see there is none: ImageNotFound."""

    def list(
        self, context: RequestContext, filters: ImageFilters, page: Page
    ) -> Sequence[models.Image]:
        """Newest first. BadRequest for an unknown marker."""

    def show(self, context: RequestContext, image_id: str) -> models.Image: ...

    def delete(self, context: RequestContext, image_id: str) -> None:
        """Forbidden for another project's and for one that is protected."""

    def set_properties(
        self, context: RequestContext, image: models.Image, properties: Mapping[str, str]
    ) -> models.Image:
        """Give the image these and no others. Forbidden; Conflict if it has changed since."""
