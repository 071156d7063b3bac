"""/images and /images/{image_id}/metadata, which Nova handed on to Glance"""

import re
from collections.abc import Sequence
from typing import Any

import webob

from minicloud import errors
from minicloud.api.contract import answers
from minicloud.api.faults import invalid
from minicloud.api.reply import empty, reply
from minicloud.api.request import ApiRequest
from minicloud.api.schemas import images as schemas
from minicloud.api.schemas.query import Asked
from minicloud.api.views import images as views
from minicloud.db.images import PROPERTY_NAME
from minicloud.db.models import Image
from minicloud.zones.base import Page, Zone
from minicloud.zones.images import ImageFilters


class _Seen:
    def __init__(self, zone: Zone) -> None:
        self._images = zone.images

    def _image(self, req: ApiRequest, image_id: str) -> Image:
        try:
            return self._images.show(req.context, image_id)
        except errors.ImageNotFound as error:
            raise errors.NotFound("Image not found.") from error


class Images(_Seen):
    @answers(query=schemas.LIST)
    def index(self, req: ApiRequest) -> webob.Response:
        found, page = self._list(req)
        return _listed(req, [views.brief(req, image) for image in found], page)

    @answers(query=schemas.LIST)
    def detail(self, req: ApiRequest) -> webob.Response:
        found, page = self._list(req)
        return _listed(req, [views.detail(req, image) for image in found], page)

    def show(self, req: ApiRequest, image_id: str) -> webob.Response:
        return reply({"image": views.detail(req, self._image(req, image_id))})

    @answers(204, empty=True)
    def delete(self, req: ApiRequest, image_id: str) -> webob.Response:
        self._images.delete(req.context, self._image(req, image_id).id)
        return empty(204)

    def _list(self, req: ApiRequest) -> tuple[Sequence[Image], Page]:
        asked = req.query(schemas.LIST)
        page = req.page(asked)
        return self._images.list(req.context, _filters(req, asked), page), page


class ImageMetadata(_Seen):
    def __init__(self, zone: Zone) -> None:
        super().__init__(zone)
        self._limits = zone.limits

    def index(self, req: ApiRequest, image_id: str) -> webob.Response:
        return reply({"metadata": self._image(req, image_id).properties})

    def show(self, req: ApiRequest, image_id: str, key: str) -> webob.Response:
        return reply({"meta": {key: _item(self._image(req, image_id), key)}})

    @answers(body=schemas.METADATA_OF_IMAGE)
    def create(self, req: ApiRequest, image_id: str) -> webob.Response:
        added = req.read(schemas.METADATA_OF_IMAGE)["metadata"]
        image = self._image(req, image_id)
        return reply({"metadata": self._written(req, image, {**image.properties, **added})})

    @answers(body=schemas.METADATA_OF_IMAGE)
    def replace(self, req: ApiRequest, image_id: str) -> webob.Response:
        wanted = req.read(schemas.METADATA_OF_IMAGE)["metadata"]
        return reply({"metadata": self._written(req, self._image(req, image_id), wanted)})

    @answers(body=schemas.ITEM)
    def update(self, req: ApiRequest, image_id: str, key: str) -> webob.Response:
        item = req.read(schemas.ITEM)["meta"]
        if key not in item:
            raise errors.BadRequest("Request body and URI mismatch")
        image = self._image(req, image_id)
        self._written(req, image, {**image.properties, **item})
        return reply({"meta": item})

    @answers(204, empty=True)
    def delete(self, req: ApiRequest, image_id: str, key: str) -> webob.Response:
        image = self._image(req, image_id)
        _item(image, key)
        kept = {name: value for name, value in image.properties.items() if name != key}
        self._written(req, image, kept)
        return empty(204)

    def _written(self, req: ApiRequest, image: Image, properties: dict[str, str]) -> Any:
        most = self._limits.absolute(req.context, req.context.project_id)["metadata_items"]
        if 0 <= most < len(properties) > len(image.properties):
            raise errors.Forbidden("Image metadata limit exceeded")
        return self._images.set_properties(req.context, image, properties).properties


def _item(image: Image, key: str) -> str:
    if key not in image.properties:
        raise errors.NotFound("Metadata item was not found")
    return image.properties[key]


def _filters(req: ApiRequest, asked: Asked) -> ImageFilters:
    properties = {
        _property_name(name): value
        for name, value in req.parameters
        if name.startswith(schemas.PROPERTY)
    }
    server, kind, status = asked.get("server"), asked.get("type"), asked.get("status")
    if server:
        properties["instance_uuid"] = server.rpartition("/")[2]
    if kind:
        properties["image_type"] = kind
    words = [word for word, shown in views.STATUS.items() if shown == (status or "").upper()]
    return ImageFilters(
        name=asked.get("name"),
        statuses=words if status is not None else None,
        min_disk_gb=_number(asked.get("minDisk")),
        min_ram_mb=_number(asked.get("minRam")),
        changed_since=asked.moment("changes-since"),
        properties=properties,
    )


def _property_name(parameter: str) -> str:
    name = parameter.removeprefix(schemas.PROPERTY)
    if not re.match(PROPERTY_NAME, name):
        raise invalid("query parameters", parameter, name, "no property has such a name")
    return name


def _number(text: str | None) -> int | None:
    return min(int(text), 2**31 - 1) if text else None


def _listed(req: ApiRequest, shown: list[dict[str, Any]], page: Page) -> webob.Response:
    links = req.next_links("images", page, [image["id"] for image in shown])
    return reply({"images": shown, **links})
