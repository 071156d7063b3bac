"""Images."""

from collections.abc import Mapping, Sequence

from minicloud import errors
from minicloud.context import RequestContext
from minicloud.db import models
from minicloud.zones import base
from minicloud.zones.images import ImageFilters


class FakeImages:
    """None at all; tests/functional/test_image_proxy.py has real ones."""

    def list(
        self, context: RequestContext, filters: ImageFilters, page: base.Page
    ) -> Sequence[models.Image]:
        return []

    def show(self, context: RequestContext, image_id: str) -> models.Image:
        raise errors.ImageNotFound(image_id)

    def delete(self, context: RequestContext, image_id: str) -> None:
        self.show(context, image_id)

    def set_properties(
        self, context: RequestContext, image: models.Image, properties: Mapping[str, str]
    ) -> models.Image:
        return self.show(context, image.id)
